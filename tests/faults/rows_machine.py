"""The machine fails: GPU, clock, memory, descriptors, disk, and the very start."""
import fcntl
import os
import resource
import signal
import subprocess

from cockpit import CAMERA, CLUSTER, GUEST, NAV, TELLTALES
from scene import PATIENCE_S, SOCKET
from table import BACK, NEWS, SAFE_STATE, SHOWN, TELL, Limit, row


@row("gpu-lost", fault="the GL context says that it was reset", state="driving",
     mechanism="renderer: a lost context is replaced", reaction="telltales stay, apps show their fault filler until they draw again; no client is lost",
     off="the context hides that it is lost (shim)", detect=TELL, react=Limit(2000, "own: a GL context on a slow CPU"),
     recover=SHOWN, renderers=("gles",), shim=True, needs=("shim",), quick=True)
def gpu_lost(scene):
    layout = scene.layout()
    layout["apps"]["cluster"] = {"home": "gauges"}
    scene.start(layout)
    scene.drive("driving")
    cluster = scene.client("paint", by="cluster", colour=CLUSTER)
    guest = scene.client("paint", by="guest")
    scene.ready(main=GUEST)
    if scene.off:
        scene.orders.give("without-reset")

    def lose():
        scene.orders.give("gpu-lost", 1)
        for app in (guest, cluster):
            app.tell("30c030")
    scene.inject(lose)
    if not scene.off:
        scene.detect("the log tells", scene.logged("the GPU was lost"))
    # The picture that was lost with it, or what stands in for it: the one from before would be a lie.
    scene.react("nothing old", scene.shows_not("main", GUEST))
    scene.react("the telltales", scene.shows("telltales", TELLTALES))
    scene.until("the next renderer", lambda: scene.off or scene.logged("renderer: .* from now on")())
    # A colour that no buffer from before has: one that is shown again would look as if it had been drawn.
    new = 0xc08030
    scene.undo(lambda: [app.tell(f"{colour:06x}") for app, colour in ((guest, new), (cluster, CLUSTER))])
    scene.recover("what the guest draws next", scene.shows("main", new))
    scene.require("the guest was lost", guest.process.poll() is None)


STEPPED = Limit(2000, "own: 20 frames at 60 Hz, six times over")


def patient(layout):
    """So that nobody is taken for hung but for an hour that never was, however busy the machine is."""
    layout["zones"]["gauges"]["heartbeat"] = "60s"
    return layout


@row("clock-step", fault="the wall clock is set forward by an hour, then back by two", state="driving",
     mechanism="time: deadlines are kept by CLOCK_MONOTONIC", reaction="no false alarm, frames go on",
     off="CLOCK_MONOTONIC jumps, too (shim)", react=STEPPED, shim=True, needs=("shim",), quick=True)
def clock_step(scene):
    hour = 3600 * 10 ** 9
    scene.start(patient(scene.layout()))
    scene.drive("driving")
    guest = scene.probe("--animate", by="guest")
    scene.ready(main=GUEST)
    scene.inject(lambda: [scene.orders.give(name, hour) for name in ["realtime-ns"] + ["monotonic-ns"] * scene.off])
    scene.react("10 frames", scene.presents("center", 10))
    scene.orders.give("realtime-ns", -hour)
    scene.react("10 frames more", scene.presents("center", 10))
    scene.require("somebody is taken for hung", scene.logged("no answer for")() is None)
    scene.require("the guest was lost", guest.process.poll() is None)


@row("out-of-address-space", fault="a client's pool does not fit into the compositor's memory any more", state="driving",
     mechanism="wl_shm: a pool that cannot be mapped is its client's error", reaction="that client is ended, nobody else",
     off="errors reach nobody (shim)", detect=NEWS, react=SHOWN, recover=SHOWN, shim=True, needs=("shim",))
def out_of_address_space(scene):
    scene.start(scene.layout())
    scene.drive("driving")
    scene.ready(main=NAV)
    if scene.off:
        scene.orders.give("without-errors")
    with open(f"/proc/{scene.process.pid}/statm", encoding="ascii") as statm:
        used = int(statm.read().split()[0]) * resource.getpagesize()
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

    def squeeze():
        resource.prlimit(scene.process.pid, resource.RLIMIT_AS, (used + (64 << 20), resource.RLIM_INFINITY))
        return scene.client("pool", 1 << 30, by="guest")
    client = scene.inject(squeeze)
    scene.detect("its error", scene.says(client, "^error wl_"))
    scene.react("the map", scene.shows("main", NAV))
    scene.undo(lambda: resource.prlimit(scene.process.pid, resource.RLIMIT_AS, unlimited))
    guest = scene.client("paint", by="guest")
    scene.recover("a client that fits", scene.shows("main", GUEST))
    scene.require("it was refused", guest.process.poll() is None)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


@row("out-of-descriptors", fault="connections when no descriptor is left", state="driving",
     mechanism="accept: who cannot be served is turned away", reaction="no busy loop; the next one is served when there is room",
     off="who connects is never taken (shim)", detect=TELL,
     react=Limit(1500, "own: half a second of counting, and a second"), recover=SHOWN, shim=True, needs=("guard", "shim"))
def out_of_descriptors(scene):
    scene.start(scene.layout())
    scene.drive("driving")
    scene.probe("--animate", by="visitor")
    scene.ready(main=NAV)
    pid = scene.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)

    def squeeze():
        if scene.off:
            scene.orders.give("without-accept")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (descriptors(pid), before[1]))
        return [scene.client("paint", by="guest") for _ in range(4)]
    strangers = scene.inject(squeeze)
    scene.detect("they are turned away", lambda: all(stranger.process.poll() is not None for stranger in strangers))
    ticks, end = cpu_ticks(pid), scene.kit.now() + 0.5
    scene.until("half a second", lambda: scene.kit.now() > end)
    spent = cpu_ticks(pid) - ticks
    scene.require(f"{spent} of 50 ticks were spent on it", spent < 25)
    # A screenshot would need a descriptor.
    scene.react("frames go on", scene.presents("center", 10))
    scene.undo(lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, before))
    scene.client("paint", by="guest")
    scene.recover("a client again", scene.shows("main", GUEST))


STARTS = 12


def leftovers(scene):
    return sorted(path.name for path in scene.runtime.iterdir() if path.name != "state")


@row("end-while-starting", fault="SIGTERM at any moment of the start", state="parked",
     mechanism="start: what is half made is unmade", reaction="it ends at once and leaves no socket", off="SIGKILL in its place",
     react=Limit(2000, "own: 1 s that apps have + 1 s"), quick=True)
def end_while_starting(scene):
    """The rest of the run is as always: the cockpit starts well afterwards."""
    layout = scene.write("layout.yaml", scene.layout())
    env, control = scene.environment(), scene.runtime / f"{SOCKET}.ctl"

    def launch():
        return subprocess.Popen(list(map(str, scene.command(layout, "--socket", SOCKET, "--recorder", "none"))), env=env,
                                cwd=scene.path, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end(process, number):
        process.send_signal(number)
        begin = scene.kit.now()
        process.wait(PATIENCE_S)
        return scene.kit.now() - begin
    # How long a start takes here, until there is something to leave behind.
    begin, process = scene.kit.now(), launch()
    scene.until("its sockets", control.exists)
    whole = scene.kit.now() - begin
    worst, left = end(process, signal.SIGTERM), leftovers(scene)
    for step in range(STARTS):
        if left:
            break
        process, due = launch(), scene.kit.now() + whole * step / STARTS
        while scene.kit.now() < due and process.poll() is None:
            pass
        if step == STARTS - 1:
            scene.until("its sockets", lambda process=process: control.exists() or process.poll() is not None)
        worst = max(worst, end(process, signal.SIGKILL if scene.off else signal.SIGTERM))
        left = leftovers(scene)
        scene.require(f"status {process.returncode}", process.returncode in (0, -signal.SIGTERM, -signal.SIGKILL))
    scene.require(f"left behind: {', '.join(left)}", not left)
    scene.begin = scene.kit.now() - worst
    scene.times["react"] = worst * 1000
    scene.start(layout)
    scene.drive("parked")
    scene.ready(main=NAV)


@row("killed-without-a-guard", fault="SIGKILL to the compositor, which is started again by hand", state="driving",
     mechanism="start: sockets of the dead are taken over", reaction="the new one has all apps in their zones",
     off="the dead one's lock is held by somebody else", react=SHOWN, recover=BACK)
def killed_without_a_guard(scene):
    scene.start(scene.layout())
    scene.drive("driving")
    scene.ready(main=NAV)
    layout = scene.path / "layout.yaml"

    def kill():
        scene.process.kill()
        scene.process.wait()
        if scene.off:
            lock = os.open(scene.runtime / f"{SOCKET}.lock", os.O_RDWR)
            scene.open.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
    scene.inject(kill)
    scene.react("the old one is gone", lambda: scene.process.poll() is not None)
    scene.log_at, scene.log_rest = 0, ""
    scene.start(layout, await_control=False)

    def is_back():
        scene.require("the new one cannot start", scene.process.poll() is None)
        return scene.connect()
    scene.until("the new one answers", is_back)
    scene.recover("the map", scene.shows("main", NAV))
    scene.drive("driving")


# Pairs: two faults at once. Each mechanism must work while the other one is busy.

@row("hang-and-reverse", fault="the instruments hang while the car goes into reverse", state="reversing",
     mechanism="heartbeat + rules", reaction="fault filler on the cluster, camera on the center", off="", control="cluster-hang",
     pair=True, detect=Limit(250, "as cluster-hang"), react=BACK, recover=Limit(1000, "as cluster-hang"))
def hang_and_reverse(scene):
    layout = scene.layout()
    layout["zones"]["gauges"]["heartbeat"] = "100ms"
    scene.start(layout)
    scene.witnesses.pop("gauges")
    scene.drive("parked")
    scene.ready(gauges=CLUSTER, main=NAV)
    pid = scene.app("cluster")["pid"]

    def both():
        os.kill(pid, signal.SIGSTOP)
        scene.drive("reversing")
    scene.inject(both)
    scene.react("the camera", scene.shows("camera", CAMERA))
    scene.detect("the hang is told", scene.zone_is("gauges", content="fault"))
    scene.undo(lambda: os.kill(pid, signal.SIGCONT))
    scene.recover("the instruments", scene.shows("gauges", CLUSTER))


@row("flood-and-reverse", fault="an app floods while the car goes into reverse", state="reversing",
     mechanism="budget + rules", reaction="the camera within the rear-view limit", off="", control="flood-of-commits", pair=True,
     react=BACK, renderers=("pixman", "gles"), quick=True)
def flood_and_reverse(scene):
    scene.start(scene.layout())
    scene.drive("parked")
    scene.probe("--flood", by="guest")
    scene.ready(main=GUEST)
    scene.inject(lambda: scene.drive("reversing"))
    scene.react("the camera", scene.shows("camera", CAMERA))


@row("crash-and-bad-layout", fault="the camera crashes while a broken layout is saved", state="reversing",
     mechanism="arrangement + reload", reaction="\"no camera\"; the layout is refused; the camera comes back", off="",
     control="camera-crash", pair=True, detect=TELL, react=SAFE_STATE, recover=BACK)
def crash_and_bad_layout(scene):
    layout = scene.layout()
    layout["apps"]["camera"]["exec"] = scene.held(layout["apps"]["camera"]["exec"])
    scene.start(layout)
    scene.drive("reversing")
    scene.ready(camera=CAMERA)
    pid = scene.app("camera")["pid"]

    def both():
        os.kill(pid, signal.SIGKILL)
        scene.write("layout.yaml", "binnacle: 1\nzones: [\n")
    scene.inject(both)
    scene.react("its filler", scene.shows("camera", 0x804000))
    scene.detect("the layout is refused", scene.event("reload-failed"))
    scene.let_go()
    scene.recover("the camera is back", scene.shows("camera", CAMERA))


@row("stale-and-flood", fault="the speed goes stale while an app floods", state="driving", mechanism="stale-after + budget",
     reaction="restrictions apply all the same", off="", control="stale-speed", pair=True,
     detect=Limit(700, "as stale-speed, and 100 ms for the flood"))
def stale_and_flood(scene):
    layout = scene.layout()
    layout["signals"]["Vehicle.Speed"] = {"stale-after": "500ms"}
    scene.start(layout)
    scene.drive("parked")
    scene.probe("--flood", by="visitor")
    scene.ready(main=NAV)
    scene.inject(lambda: scene.set("Vehicle.Speed", 0))
    scene.detect("it is told stale", scene.event("signal", lambda told: told["stale"]))
    scene.detect("the zone is restricted", scene.zone_event("main", restrictions=["video", "keyboard"]))
