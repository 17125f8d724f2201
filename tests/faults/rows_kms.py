"""On a kernel's display: in the user-mode linux guest of ./dev kms, as root, with three virtual heads."""
import os
import pathlib
import signal
import subprocess
import time

from cockpit import CINEMA, GUEST, NAV
from rows_machine import STEPPED, patient
from scene import Broken
from table import UNPLUG, Limit, row

MODESET = Limit(1500, "own: a modeset and an app's frame")
HEADS = pathlib.Path("/sys/kernel/config/vkms/heads/connectors")


def plug(head, there):
    (HEADS / head / "status").write_text("1" if there else "2")


def connected(name, there):
    return lambda told: told["name"] == name and told["connected"] == there


@row("display-unplugged", fault="the passenger's display is unplugged, and plugged in again", state="driving",
     mechanism="hot-plug: an output that goes takes nobody with it", reaction="the others go on; its app is back with it",
     off="nobody is told: udev holds its events back", detect=UNPLUG, react=UNPLUG, recover=MODESET, backend="drm",
     renderers=("pixman", "gles"), needs=("kms",))
def display_unplugged(scene):
    scene.start(scene.layout())
    scene.client("paint", by="cinema", colour=CINEMA)
    scene.drive("driving")
    scene.ready(main=NAV, movie=CINEMA)
    if scene.off:
        subprocess.run(["udevadm", "control", "--stop-exec-queue"], check=True)
        scene.open.callback(subprocess.run, ["udevadm", "control", "--start-exec-queue"], check=True)
    scene.open.callback(plug, "PASSENGER", True)
    scene.inject(lambda: plug("PASSENGER", False))
    scene.detect("it is told", scene.event("display", connected("passenger", False)))
    movie = scene.boxes.pop("movie")
    scene.react("the map", scene.shows("main", NAV))
    scene.undo(lambda: plug("PASSENGER", True))
    scene.until("it is connected", scene.event("display", connected("passenger", True)))
    scene.boxes["movie"] = movie
    scene.recover("its app", scene.shows("movie", CINEMA))


@row("safety-display-unplugged", fault="the cluster's display is unplugged, and plugged in again", state="driving",
     mechanism="hot-plug: an output that goes takes nobody with it", reaction="the others go on; its app is back with it",
     off="", control="display-unplugged", detect=UNPLUG, react=UNPLUG, recover=MODESET, backend="drm", needs=("kms",))
def safety_display_unplugged(scene):
    scene.start(scene.layout())
    scene.drive("driving")
    scene.ready(main=NAV)
    scene.open.callback(plug, "CLUSTER", True)
    scene.inject(lambda: plug("CLUSTER", False))
    scene.detect("it is told", scene.event("display", connected("cluster", False)))
    cluster = {zone: scene.boxes.pop(zone) for zone in ("telltales", "gauges")}
    scene.react("the map", scene.shows("main", NAV))
    scene.undo(lambda: plug("CLUSTER", True))
    scene.until("it is connected", scene.event("display", connected("cluster", True)))
    scene.boxes = {**cluster, **scene.boxes}
    for zone, colour in scene.witnesses.items():
        scene.recover(zone, scene.shows(zone, colour))


@row("slow-fence", fault="a GPU that does not finish an app's picture", state="driving",
     mechanism="acquire: a picture is shown once its fence has signalled",
     reaction="the one before stays, others go on; it comes by itself",
     off="whatever is asked about counts as signalled (shim)", react=Limit(4000, "own: 10 frames of a software renderer on one processor"),
     recover=Limit(500, "own: a few refreshes after the signal"), renderers=("gles",), backend="drm", shim=True,
     needs=("kms", "shim"))
def slow_fence(scene):
    scene.start(scene.layout())
    scene.drive("parked")
    slow = scene.program([scene.tools.fences])
    scene.probe("--animate", by="visitor")
    slow.tell("draw 208040")
    scene.ready(main=0x208040)
    if scene.off:
        scene.orders.give("without-fences")
    scene.inject(lambda: slow.tell("hold 804020"))
    scene.until("it is committed", scene.says(slow, "^committed 804020"))
    # vgem gives up after 10 s: a frame that waited for it would be one of these.
    scene.react("10 frames of another app", scene.presents("center", 10))
    if scene.kit.now() - scene.begin > 8:
        raise Broken("the machine is so slow that vgem has signalled the fence by itself")
    scene.require("a picture was shown that is not finished", scene.share("main", 0x208040) > 0.95)
    scene.undo(lambda: slow.tell("signal"))
    scene.recover("the picture", scene.shows("main", 0x804020))


@row("clock-step-of-a-kernel", fault="date --set, an hour ahead and back", state="driving",
     mechanism="time: deadlines are kept by CLOCK_MONOTONIC", reaction="no false alarm, frames go on", off="",
     control="clock-step", react=STEPPED, backend="drm", needs=("kms",))
def clock_step_of_a_kernel(scene):
    scene.start(patient(scene.layout()))
    scene.drive("driving")
    scene.probe("--animate", by="guest")
    scene.ready(main=GUEST)
    now = time.time()
    scene.open.callback(time.clock_settime, time.CLOCK_REALTIME, now)
    scene.inject(lambda: time.clock_settime(time.CLOCK_REALTIME, now + 3600))
    scene.react("10 frames", scene.presents("center", 10))
    time.clock_settime(time.CLOCK_REALTIME, now - 3600)
    scene.react("10 frames more", scene.presents("center", 10))
    scene.require("somebody is taken for hung", scene.logged("no answer for")() is None)


@row("recorder-disk-full", fault="the flight recorder's disk is full when it has something to save", state="driving",
     mechanism="recorder: a file that cannot be written is said once", reaction="frames go on; no half file is left",
     off="the disk has room",
     detect=Limit(30000, "own: a trace of 30 s is written by a thread at nice 10, beside displays that fill the guest's processor"),
     react=Limit(31000, "the same + a second"), backend="drm", needs=("kms",))
def recorder_disk_full(scene):
    folder = scene.path / "recorder"
    folder.mkdir()
    size = "64m" if scene.off else "4k"
    subprocess.run(["busybox", "mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    scene.open.callback(subprocess.run, ["busybox", "umount", "-l", str(folder)], check=False)
    scene.start(scene.layout(), "--recorder-misses", "any", recorder=folder)
    scene.drive("driving")
    scene.probe("--animate", by="guest")
    scene.ready(main=GUEST)

    def stumble():
        missed = scene.stats("center")["missed"]
        scene.process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)  # the fault itself: it does not run for so long
        scene.process.send_signal(signal.SIGCONT)
        scene.until("a missed frame", lambda: scene.stats("center")["missed"] > missed)
    scene.inject(stumble)
    # Any earlier miss has met the full disk, too, and that is said once.
    scene.detect("the log says so", lambda: "No space left" in scene.log_text())
    scene.react("30 frames", scene.presents("center", 30))
    scene.require(f"left behind: {os.listdir(folder)}", not [name for name in os.listdir(folder) if name.endswith(".json")])
