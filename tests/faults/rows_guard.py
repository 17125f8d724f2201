"""The compositor itself fails: what binnacle-guard shows meanwhile, as the desktop around it sees it."""
import os
import re
import signal

from cockpit import CLUSTER, NAV
from table import BACK, SHOWN, TELL, WATCHDOG_GLASS, Limit, row

AMBER = 0xffb020
STARTED = Limit(250, "150 ms watchdog, 50 ms reaction, and the log's line")


def is_safe(scene):
    """A warning triangle on black: nothing else of the cockpit, and it cannot be taken for it."""
    def condition():
        picture = scene.glass("cluster")
        middle = (picture.width // 4, picture.height // 8, picture.width // 2, picture.height // 2)
        return picture.share(picture.whole(), 0) > 0.9 and picture.share(middle, AMBER) > 0.005
    return condition


def guarded(scene, fail):
    scene.start(scene.layout(), guard=not scene.off)
    scene.drive("driving")
    scene.ready(main=NAV)
    pid = scene.compositor_pid()
    scene.expects_end = True
    scene.inject(lambda: fail(pid))
    if not scene.off:
        scene.detect("the guard says so", scene.logged("safe picture .* after"))
    scene.react("the safe picture", is_safe(scene))
    scene.notes += re.findall("safe picture .* after .*", scene.log_text())
    scene.recover("the map again", scene.shows("main", NAV))
    scene.recover("the instruments again", scene.shows("gauges", CLUSTER))
    scene.until("the new one answers", scene.connect)
    scene.drive("driving")


def signals(number):
    return lambda pid: os.kill(pid, number)


def row_of_guard(name, fault, mechanism, **members):
    # Of the time that grim needs for a look, nothing is taken off.
    return row(name, fault=fault, state="driving", mechanism=mechanism,
               reaction="the guard's safe picture, then a new compositor with its apps in their zones", off="no guard",
               detect=STARTED, react=WATCHDOG_GLASS, recover=BACK, backend="nested", renderers=("pixman",), **members)


@row_of_guard("compositor-killed", "SIGKILL to the compositor", "guard: the end of the compositor is an event",
              needs=("guard", "cage"))
def compositor_killed(scene):
    guarded(scene, signals(signal.SIGKILL))


@row_of_guard("compositor-crashes", "SIGSEGV to the compositor", "guard: the end of the compositor is an event",
              needs=("guard", "cage"), control="compositor-killed")
def compositor_crashes(scene):
    guarded(scene, signals(signal.SIGSEGV))


@row_of_guard("compositor-stopped", "SIGSTOP to the compositor", "guard: no kick for 150 ms", needs=("guard", "cage"))
def compositor_stopped(scene):
    guarded(scene, signals(signal.SIGSTOP))


@row_of_guard("compositor-loops", "an endless loop in the compositor (shim)", "guard: no kick for 150 ms",
              needs=("guard", "cage", "shim"), shim=True, control="compositor-stopped")
def compositor_loops(scene):
    guarded(scene, lambda pid: scene.orders.give("loops"))


@row("guard-killed", fault="SIGKILL to the guard", state="driving", mechanism="guard link: its end is an event of the compositor",
     reaction="the cockpit goes on, and says that nobody watches it", off="it is not told: no guard from the start", detect=TELL,
     react=SHOWN, backend="nested", needs=("guard", "cage"))
def guard_killed(scene):
    scene.start(scene.layout(), guard=not scene.off)
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
