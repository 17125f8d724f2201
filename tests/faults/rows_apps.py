"""Apps that crash, hang, leave and come back: the launcher, signs of life, and what a zone shows meanwhile."""
import os
import signal

from cockpit import BAD_CAMERA, BAD_CLUSTER, BAD_NAV, CAMERA, CLUSTER, NAV, NO_NAV, exec_probe
from table import BACK, HEARTBEAT, NEWS, PING_BACK, REAR_VIEW, SAFE_STATE, SHOWN, TELL, Limit, row

ALIVE = "heartbeat: neither a commit nor the answer to a ping in time"


def kill(scene, app, number=signal.SIGKILL):
    os.kill(scene.app(app)["pid"], number)


@row("app-crash", fault="SIGKILL to the map", state="parked",
     mechanism="launcher: the end of an app's process is an event", reaction="fault filler of its zone; it is started again",
     off="no on-fault:, restart: never", detect=NEWS, react=SAFE_STATE, recover=BACK, renderers=("pixman", "gles"), quick=True)
def app_crash(scene):
    layout = scene.layout()
    layout["apps"]["nav"]["exec"] = scene.held(layout["apps"]["nav"]["exec"])
    if scene.off:
        layout["apps"]["nav"]["restart"] = "never"
        layout["zones"]["main"].pop("on-fault")
    scene.start(layout)
    scene.drive("parked")
    scene.ready(main=NAV)
    scene.inject(lambda: kill(scene, "nav"))
    scene.detect("the log names the signal", scene.logged("app nav: ended by signal 9"))
    scene.react("the fault filler", scene.shows("main", BAD_NAV))
    scene.let_go()
    scene.recover("the map is back", scene.shows("main", NAV))


@row("camera-crash", fault="SIGABRT to the rear camera", state="reversing",
     mechanism="arrangement: a rule's app is missing from a safety zone", reaction="\"no camera\" at once, nothing from beneath",
     off="the zone is transparent: empty: none", detect=NEWS, react=SAFE_STATE, recover=BACK, quick=True)
def camera_crash(scene):
    layout = scene.layout()
    layout["apps"]["camera"]["exec"] = scene.held(layout["apps"]["camera"]["exec"])
    if scene.off:
        layout["zones"]["camera"].update({"empty": "none", "on-fault": "none"})
    scene.start(layout)
    scene.drive("reversing")
    scene.ready(camera=CAMERA)
    scene.inject(lambda: kill(scene, "camera", signal.SIGABRT))
    scene.detect("the log names the signal", scene.logged("app camera: ended by signal 6"))
    scene.react("its filler over the map", scene.shows("camera", BAD_CAMERA))
    scene.let_go()
    scene.recover("the camera is back", scene.shows("camera", CAMERA))


@row("camera-not-started", fault="reverse before the camera is there", state="reversing",
     mechanism="launcher: what a rule wants is started",
     reaction="\"no camera\" until its first picture, within the rear-view limit",
     off="start: never", detect=NEWS, react=SAFE_STATE, recover=REAR_VIEW)
def camera_not_started(scene):
    layout = scene.layout()
    layout["apps"]["camera"]["start"] = "never" if scene.off else "demand"
    layout["apps"]["camera"]["exec"] = ["sh", "-c", 'sleep 0.4; exec "$@"', "sh", *layout["apps"]["camera"]["exec"]]
    scene.start(layout)
    scene.drive("parked")
    scene.ready(main=NAV)
    scene.inject(lambda: scene.drive("reversing"))
    scene.detect("it is started", scene.logged("app camera: started as pid"))
    scene.react("its filler", scene.shows("camera", BAD_CAMERA))
    scene.recover("the camera", scene.shows("camera", CAMERA))


def hang(scene, app, zone, good, bad, state):
    layout = scene.layout()
    layout["zones"][zone]["heartbeat"] = "100ms"
    if scene.off:
        layout["zones"][zone].pop("heartbeat")
    scene.start(layout)
    scene.witnesses.pop(zone, None)
    scene.drive(state)
    scene.ready(**{zone: good})
    scene.inject(lambda: kill(scene, app, signal.SIGSTOP))
    scene.detect("it is told", scene.zone_is(zone, content="fault"))
    scene.react("the fault filler", scene.shows(zone, bad))
    scene.undo(lambda: kill(scene, app, signal.SIGCONT))
    scene.recover("its own picture", scene.shows(zone, good))


@row("cluster-hang", fault="SIGSTOP to the instruments", state="driving", mechanism=ALIVE,
     reaction="fault filler until it answers again", off="no heartbeat:", detect=HEARTBEAT, react=HEARTBEAT, recover=PING_BACK,
     renderers=("pixman", "gles"), quick=True)
def cluster_hang(scene):
    hang(scene, "cluster", "gauges", CLUSTER, BAD_CLUSTER, "driving")


@row("camera-hang", fault="SIGSTOP to the rear camera", state="reversing", mechanism=ALIVE,
     reaction="fault filler until it answers again", off="no heartbeat:", detect=HEARTBEAT, react=HEARTBEAT, recover=PING_BACK,
     control="cluster-hang")
def camera_hang(scene):
    hang(scene, "camera", "camera", CAMERA, BAD_CAMERA, "reversing")


@row("crash-loop", fault="an app that fails at once, each time", state="parked",
     mechanism="launcher: back-off of 100 ms, doubled up to 10 s", reaction="fault filler; at most 5 starts in a second",
     off="the app starts itself again: a shell's loop", detect=NEWS,
     react=Limit(1300, "own: a second of counting, and a look at the glass"), quick=True)
def crash_loop(scene):
    layout = scene.layout()
    body = "echo start >>starts; exit 3"
    layout["apps"]["nav"]["exec"] = ["sh", "-c", f"while :; do ({body}); done" if scene.off else body]
    layout["zones"]["main"]["empty"] = "#405060"
    layout["apps"]["nav"]["start"] = "demand"
    scene.start(layout)
    scene.drive("parked")
    scene.ready()
    starts = scene.path / "starts"
    scene.inject(lambda: scene.ask("show", app="nav"))
    if not scene.off:
        scene.detect("the log names the status", scene.logged("app nav: exited with status 3"))
    scene.react("three starts", lambda: starts.exists() and len(starts.read_text().split()) >= 3)
    # Starts after 0, 100, 300, 700 ms: on a slow machine they are fewer, never more.
    fourth = scene.begin + 1.0
    scene.until("a second has passed", lambda: scene.kit.now() >= fourth)
    count = len(starts.read_text().split())
    scene.require(f"{count} starts in a second", count <= 5)
    if not scene.off:
        scene.react("the fault filler", scene.shows("main", BAD_NAV))


@row("app-leaves", fault="the map ends by itself, with status 0", state="driving",
     mechanism="launcher: restart: always", reaction="empty filler; it is started again", off="restart: on-failure",
     detect=NEWS, react=SAFE_STATE, recover=BACK)
def app_leaves(scene):
    layout = scene.layout()
    nav = layout["apps"]["nav"]
    nav["exec"] = [str(scene.tools.client), "--app-id", "nav", "--color", f"{NAV:06x}", "paint"]
    nav["restart"] = "on-failure" if scene.off else "always"
    # Told to by a pipe at the first start; later starts have no such pipe.
    os.mkfifo(scene.path / "leave")
    nav["exec"] = scene.held(["sh", "-c", '[ ! -p leave ] || { exec 3<>leave; rm leave; exec "$@" <&3; }; exec "$@"', "sh",
                              *nav["exec"]])
    pipe = os.open(scene.path / "leave", os.O_RDWR)
    scene.open.callback(os.close, pipe)
    scene.start(layout)
    scene.drive("driving")
    scene.ready(main=NAV)
    scene.inject(lambda: os.write(pipe, b"exit\n"))
    scene.detect("the log names the status", scene.logged("app nav: exited with status 0"))
    scene.react("the empty filler", scene.shows("main", NO_NAV))
    scene.let_go()
    scene.recover("the map is back", scene.shows("main", NAV))


@row("app-not-there", fault="an app whose program is missing", state="parked",
     mechanism="launcher: a program that cannot be run is an error of its app", reaction="fault filler; the log says why",
     off="no on-fault:", detect=NEWS, react=SHOWN)
def app_not_there(scene):
    layout = scene.layout()
    layout["apps"]["nav"].update({"exec": ["/nonexistent/map"], "start": "demand"})
    if scene.off:
        layout["zones"]["main"].pop("on-fault")
    scene.start(layout)
    scene.drive("parked")
    scene.ready(main=NO_NAV)
    scene.inject(lambda: scene.ask("show", app="nav"))
    scene.react("the fault filler", scene.shows("main", BAD_NAV))
    scene.detect("`why` says it", lambda: any("nav" in line for line in scene.ask("why", name="nav").get("lines", [])))


@row("app-leaves-children", fault="a crashed app leaves a program running", state="parked",
     mechanism="launcher: a failed app's process group is ended with it", reaction="nothing of it is left",
     off="the program leaves the group: setsid", detect=NEWS, react=TELL)
def app_leaves_children(scene):
    layout = scene.layout()
    child = "echo $$ >child; exec sleep 1000 </dev/null >/dev/null 2>&1"
    layout["apps"]["visitor"] = {"home": "side", "restart": "never", "start": "demand", "exec": [
        "sh", "-c", f"{'setsid ' if scene.off else ''}sh -c '{child}' & while [ ! -s child ]; do :; done; kill -9 $$"]}
    scene.start(layout)
    scene.drive("parked")
    scene.ready()
    scene.inject(lambda: scene.ask("show", app="visitor"))
    scene.detect("the log names the signal", scene.logged("app visitor: ended by signal 9"))
    pid = int((scene.path / "child").read_text())
    if scene.off:
        scene.open.callback(os.kill, pid, signal.SIGKILL)
    scene.react("its program is gone", lambda: scene.is_gone(pid))


@row("app-ignores-the-end", fault="an app that does not end when the cockpit does", state="parked",
     mechanism="launcher: SIGKILL a second after SIGTERM", reaction="the cockpit ends", off="nobody is killed (shim)",
     react=Limit(3000, "the second that apps have to end + 2 s"), shim=True, needs=("shim",))
def app_ignores_the_end(scene):
    layout = scene.layout()
    layout["apps"]["visitor"] = {"home": "side", "start": "boot", "restart": "never", "exec": [
        "sh", "-c", "trap '' TERM; echo $$ >deaf; while :; do sleep 1000; done"]}
    scene.start(layout)
    scene.drive("parked")
    scene.ready()
    scene.until("the app is deaf", lambda: (scene.path / "deaf").exists() and (scene.path / "deaf").read_text().strip())
    if scene.off:
        scene.orders.give("without-kill")
        group = int((scene.path / "deaf").read_text())
        scene.open.callback(os.killpg, group, signal.SIGKILL)
    scene.expects_end = True
    scene.photo("during")
    scene.inject(scene.process.terminate)
    scene.measure("react", "the compositor's end", lambda: scene.process.poll() is not None, scene.begin)
    scene.require(f"status {scene.process.returncode}", scene.process.returncode == 0)
    scene.over = True


@row("dead-app-stays-away", fault="SIGKILL to an app that must not come back", state="driving",
     mechanism="launcher: restart: never", reaction="fault filler, which stays", off="restart: always", detect=NEWS,
     react=SAFE_STATE)
def dead_app_stays_away(scene):
    layout = scene.layout()
    layout["apps"]["nav"]["restart"] = "always" if scene.off else "never"
    layout["apps"]["visitor"] = {"exec": exec_probe(scene.tools, "visitor", CAMERA), "home": "side", "start": "demand"}
    scene.start(layout)
    scene.drive("driving")
    scene.ready(main=NAV)
    scene.inject(lambda: kill(scene, "nav"))
    scene.detect("the log names the signal", scene.logged("app nav: ended by signal 9"))
    scene.react("the fault filler", scene.shows("main", BAD_NAV))
    # An app that is killed and does come back: by then the first back-off is over many times.
    for _ in range(2):
        scene.ask("show", app="visitor")
        scene.until("the other app", scene.shows("side", CAMERA))
        kill(scene, "visitor")
        scene.until("it ends", scene.shows_not("side", CAMERA))
        scene.until("and comes back", scene.shows("side", CAMERA))
    scene.require(f"it was started {scene.app('nav')['starts']} times", scene.app("nav")["starts"] == 1)
