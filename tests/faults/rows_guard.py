"""The compositor itself fails: what binnacle-guard shows meanwhile, as the desktop around it sees it. Then the guard."""
import os
import re
import signal
import socket

from cockpit import CLUSTER, GUEST, NAV
from table import BACK, SHOWN, TELL, WATCHDOG_GLASS, Limit, row

AMBER = 0xffb020
STARTED = Limit(250, "150 ms watchdog, 50 ms reaction, and the log's line")
LOOKED_AT = Limit(WATCHDOG_GLASS.ms + 50, f"{WATCHDOG_GLASS.source}, and 50 ms for a look from outside (grim)")


def is_safe(scene):
    """A warning triangle on black: nothing else of the cockpit, and it cannot be taken for it."""
    def condition():
        picture = scene.glass("cluster")
        middle = (picture.width // 4, picture.height // 8, picture.width // 2, picture.height // 2)
        return picture.share(picture.whole(), 0) > 0.9 and picture.share(middle, AMBER) > 0.005
    return condition


def guarded(scene, fail, prepare=lambda: None):
    scene.start(scene.layout(), guard=not scene.off)
    scene.drive("driving")
    scene.ready(main=NAV)
    prepare()
    pid = scene.compositor_pid()
    scene.expects_end = True
    scene.inject(lambda: fail(pid))
    if not scene.off:
        scene.detect("the guard says so", scene.logged("safe picture .* after"))
    scene.react("the safe picture", is_safe(scene))
    scene.notes += re.findall("safe picture .* after .*", scene.log_text())
    # What it says of itself has no look from outside in it.
    told = re.search(r"safe picture on glass after [0-9.]+ ms, ([0-9.]+) ms after the last kick", scene.log_text())
    scene.require(f"the guard needed {told[1] if told else '?'} ms",
                  told and (not scene.strictly_watched or float(told[1]) <= WATCHDOG_GLASS.ms))
    scene.let_go()
    scene.recover("the map again", scene.shows("main", NAV))
    scene.recover("the instruments again", scene.shows("gauges", CLUSTER))
    scene.until("the new one answers", scene.connect)
    scene.drive("driving")


def signals(number):
    return lambda pid: os.kill(pid, number)


def row_of_guard(name, fault, mechanism, **members):
    return row(name, fault=fault, state="driving", mechanism=mechanism,
               reaction="the guard's safe picture, then a new compositor with its apps in their zones", off="no guard",
               detect=STARTED, react=LOOKED_AT, recover=BACK, backend="nested", renderers=("pixman",), **members)


@row_of_guard("compositor-killed", "SIGKILL to the compositor", "guard: the end of the compositor is an event",
              needs=("guard", "cage"), quick=True)
def compositor_killed(scene):
    guarded(scene, signals(signal.SIGKILL))


@row_of_guard("compositor-crashes", "SIGSEGV to the compositor", "guard: the end of the compositor is an event",
              needs=("guard", "cage"), control="compositor-killed")
def compositor_crashes(scene):
    guarded(scene, signals(signal.SIGSEGV))


@row_of_guard("compositor-stopped", "SIGSTOP to the compositor", "guard: no kick for 150 ms", needs=("guard", "cage"), quick=True)
def compositor_stopped(scene):
    guarded(scene, signals(signal.SIGSTOP))


@row_of_guard("compositor-loops", "an endless loop in the compositor (shim)", "guard: no kick for 150 ms",
              needs=("guard", "cage", "shim"), shim=True, control="compositor-stopped")
def compositor_loops(scene):
    guarded(scene, lambda pid: scene.orders.give("loops"))


@row_of_guard("compositor-starves", "no memory is left for the compositor (shim)",
              "guard: what has no memory shows nothing or ends", needs=("guard", "cage", "shim"), shim=True)
def compositor_starves(scene):
    def prepare():
        scene.probe("--animate", by="visitor")
        scene.until("something moves", scene.presents("cluster", 2))
    guarded(scene, lambda pid: scene.orders.give("starves"), prepare)


class Service:
    """What a service manager is to the guard: it is told that it lives, and notices when it is not told any more."""
    PERIOD_S = 0.4

    def __init__(self, scene):
        self.scene, self.last = scene, None  # of the guard's words, s; None: it has never said anything
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        scene.open.callback(self.socket.close)
        self.socket.setblocking(False)
        self.socket.bind(str(scene.path / "notify"))

    def environment(self, watches):
        return {"NOTIFY_SOCKET": self.scene.path / "notify", "WATCHDOG_USEC": int(self.PERIOD_S * 1e6) if watches else None}

    def hears(self):
        """The time of the guard's last sign of life."""
        while True:
            try:
                said = self.socket.recv(4096)
            except BlockingIOError:
                return self.last
            if said == b"WATCHDOG=1":
                self.last = self.scene.kit.now()

    def misses(self):
        return self.hears() is not None and self.scene.kit.now() - self.last > self.PERIOD_S


@row("guard-stopped", fault="SIGSTOP to the guard", state="driving",
     mechanism="guard: it tells its service that it lives",
     reaction="the cockpit goes on; its service ends both and starts both, and apps are in their zones again",
     off="no WatchdogSec=", detect=Limit(700, "WatchdogSec of 400 ms, and 300 ms for a look"), react=Limit(1200, "the same + half a second"),
     recover=BACK, needs=("guard",), quick=True)
def guard_stopped(scene):
    service = Service(scene)
    told = service.environment(not scene.off)
    scene.start(scene.layout(), guard=True, patient=True, **told)
    scene.drive("driving")
    guest = scene.client("paint", by="guest")
    scene.ready(main=GUEST)
    if not scene.off:
        scene.until("the guard is heard of", service.hears)
    pid = scene.compositor_pid()
    scene.expects_end = True
    scene.inject(lambda: scene.process.send_signal(signal.SIGSTOP))
    scene.detect("its service misses it", service.misses)
    guest.tell(f"{CLUSTER:06x}")
    scene.react("the cockpit goes on", scene.shows("main", CLUSTER))

    def start_both_anew():
        for one in (scene.process.pid, pid):
            os.kill(one, signal.SIGKILL)
        scene.process.wait()
        scene.until("both are gone", lambda: scene.is_gone(pid))
        guest.end()
        (scene.path / "started").unlink(missing_ok=True)
        scene.log_at, scene.log_rest = 0, ""
        scene.start(scene.layout(), guard=True, patient=True, await_control=False, **told)
    scene.undo(start_both_anew)
    scene.until("the new one answers", scene.connect)
    scene.recover("the map", scene.shows("main", NAV))
    scene.expects_end = False
    scene.drive("driving")


@row("guard-killed", fault="SIGKILL to the guard", state="driving", mechanism="guard link: its end is an event of the compositor",
     reaction="the cockpit goes on, and says that nobody watches it", off="it is not told: no guard from the start", detect=TELL,
     react=SHOWN, backend="nested", needs=("guard", "cage"))
def guard_killed(scene):
    scene.start(scene.layout(), guard=not scene.off, patient=True)
    scene.drive("driving")
    scene.ready(main=NAV)
    pid = scene.compositor_pid()
    scene.expects_end = True
    if not scene.off:
        scene.inject(scene.process.kill)
    else:
        scene.inject(lambda: None)
    scene.detect("the log says so", scene.logged("guard: it is gone"))
    scene.react("the map", scene.shows("main", NAV))
    scene.require("the compositor went with it", os.path.exists(f"/proc/{pid}"))
    scene.photo("after")
    os.kill(pid, signal.SIGTERM)
    scene.until("it ends well without its guard", lambda: not os.path.exists(f"/proc/{pid}"))
    scene.over = True
