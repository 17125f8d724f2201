#!/usr/bin/env python3
"""./dev kms bench: from a commit to the page flip, Binnacle and its peers on the same three virtual heads.

usage: bench.py [--frames N] [--only NAME[,NAME]...] [--soak N] [--work US]

  --frames N   frames per cell (600)
  --only ...   only compositors whose name begins so: binnacle, sway, labwc, weston
  --soak N     Binnacle only, frame-paced, N frames, quiet and busy
  --work US    the clients compute that long for each frame

Runs in the guest. Each cell is a fresh compositor with a full-screen client of which 64x64 pixels change; "x3" is one
such client on each head, and the cluster's is measured. "busy" is with 4 processes of the guest at full load beside.
A figure of a busy host says little: its load is in the table. Everything is in out/kms/flips.json, and in out/kms/flips
the commits of the clients, and what Binnacle's flight recorder has of its misses.
"""

import argparse
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import time

import flips

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ["build"])
OUT = pathlib.Path(os.environ["out"])
PROBE = BUILD / "tests/kms/flip-probe"
BINNACLE = BUILD / "compositor/binnacle"
CTL = BUILD / "clients/binnaclectl"
WARM_UP = 300
# A little more than 50 Hz. At 50 a commit keeps for minutes the place in the 60 Hz raster that it happened to begin with,
# one of five that are 3.3 ms apart; so it passes all of them within 170 frames.
TIMER_US = 19980
BUSY = 4
HEADS = ("cluster", "center", "passenger")

SWAY = """
default_border none
"""
SWAY_LATE = SWAY + """
output * max_render_time 4
for_window [app_id=".*"] max_render_time 4
"""
WESTON = """
[core]
idle-time=0
"""
WESTON_LATE = """
[core]
idle-time=0
repaint-window=4
"""


def binnacle(renderer):
    return ["{binnacle}", "--layout", str(HERE / "flips-bench.yaml"), "--backend", "drm", "--socket", "wayland-flips",
            "--renderer", renderer]


SWAY_COMMAND = ["sway", "--config", "{config}"]
WESTON_COMMAND = ["weston", "--backend=drm", "--renderer=pixman", "--socket=wayland-flips", "--continue-without-input",
                  "--config={config}"]
# name, command, what its file of settings says, clients
COMPOSITORS = (
    ("binnacle pixman", binnacle("pixman"), None, 1),
    ("binnacle pixman x3", binnacle("pixman"), None, 3),
    ("binnacle gles", binnacle("gles"), None, 1),
    ("sway", SWAY_COMMAND, SWAY, 1),
    ("sway max_render_time 4", SWAY_COMMAND, SWAY_LATE, 1),
    ("labwc", ["labwc"], None, 1),
    ("weston", WESTON_COMMAND, WESTON, 1),
    ("weston repaint-window 4", WESTON_COMMAND, WESTON_LATE, 1),
)
CELLS = tuple((mode, guest) for guest in ("quiet", "busy", "busy-rr") for mode in ("frame", "timer"))
RR_PRIORITY = 1  # of the compositors; a probe that competed with one would not measure it


def until(seconds, condition):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def host_load():
    """The host's load average and how long some process there waited for a processor, ms since it started."""
    try:
        load, waited_us = pathlib.Path("/kms/host-load").read_text(encoding="ascii").split()
        return float(load), int(waited_us) / 1e3
    except (OSError, ValueError):
        return 0.0, 0.0


def end(process, seconds=10):
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Compositor:
    """One that runs on the three heads, with a runtime directory of its own."""

    def __init__(self, name, command, settings):
        self.name = name
        self.folder = pathlib.Path("/run/flips")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        config = self.folder / "config"
        config.write_text(settings or "", encoding="ascii")
        self.log = OUT / "flips" / (name.replace(" ", "-") + ".log")
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=str(self.folder), WLR_LIBINPUT_NO_DEVICES="1",
                                WLR_RENDERER="pixman", WLR_SCENE_DISABLE_DIRECT_SCANOUT="1",
                                XDG_CONFIG_HOME=str(self.folder), XDG_STATE_HOME=str(self.folder))
        if name.startswith("binnacle"):
            del self.environment["WLR_RENDERER"]
        command = [word.format(binnacle=BINNACLE, config=config) for word in command]
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        self.environment["WAYLAND_DISPLAY"] = self.wait_for_socket()

    def sockets(self):
        # Names with a dot are for control, and for the layout's apps.
        return [path.name for path in self.folder.glob("wayland-*") if path.is_socket() and "." not in path.name]

    def wait_for_socket(self):
        if not until(30, lambda: self.sockets() or self.process.poll() is not None) or not self.sockets():
            self.end()
            raise RuntimeError(f"{self.name} did not come up; see {self.log}")
        return self.sockets()[0]

    def start_probe(self, head, arguments, to):
        with open(to, "w", encoding="ascii") as out:
            return subprocess.Popen([PROBE, "--rr", "--fullscreen", "--app-id", f"flip-{head}", *arguments],
                                    env=self.environment, stdout=out)

    def stats(self):
        """What Binnacle says of the cluster; nothing of a peer."""
        if not self.name.startswith("binnacle"):
            return None
        environment = dict(self.environment, BINNACLE_SOCKET=str(self.folder / "wayland-flips.ctl"))
        reply = subprocess.run([CTL, "--json", "stats"], env=environment, capture_output=True, check=False)
        try:
            return next(output for output in json.loads(reply.stdout)["outputs"] if output["display"] == "cluster")
        except (ValueError, KeyError, StopIteration):
            return None

    def set_class(self, real_time):
        """Of all its threads; what it forks does not inherit it."""
        policy, priority = (os.SCHED_RR, RR_PRIORITY) if real_time else (os.SCHED_OTHER, 0)
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            os.sched_setscheduler(int(thread), policy | os.SCHED_RESET_ON_FORK, os.sched_param(priority))

    def end(self):
        """And keeps what its flight recorder wrote, which waits in memory: a write to the host stops the whole guest."""
        end(self.process)
        for miss in self.folder.glob("binnacle/miss-*.json"):
            shutil.copy(miss, OUT / "flips" / f"{self.log.stem}-{miss.name}")


def wait_quietly(process, seconds):
    """Its status. Popen.wait looks twenty times a second, which one processor has no time for."""
    ended = os.pidfd_open(process.pid)
    try:
        select.select([ended], [], [], seconds)
    finally:
        os.close(ended)
    return process.wait(0)


def spin(count):
    return [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(count)]


def measure(compositor, mode, clients, frames, work):
    arguments = ["--frames", str(frames + WARM_UP)]
    arguments += ["--timer", str(TIMER_US)] if mode == "timer" else []
    arguments += ["--work", str(work)] if work else []
    files = [OUT / "flips" / f"{compositor.name.replace(' ', '-')}-{head}.txt" for head in HEADS[:clients]]
    probes = [compositor.start_probe(head, arguments, to) for head, to in zip(HEADS, files)]
    try:
        status = wait_quietly(probes[0], 30 + frames / 5)
    finally:
        for probe in probes:
            end(probe)
    if status != 0:
        raise RuntimeError(f"{compositor.name}: the probe ended with {status}")
    return flips.summary(flips.read(files[0], WARM_UP), mode == "timer")


def cell(row, mode, guest, frames, work):
    name, command, settings, clients = row
    busy = BUSY if guest != "quiet" else 0
    result = {"compositor": name, "client": mode, "guest": guest, "busy": busy, "clients": clients, "work_us": work}
    compositor = None
    spinning = []
    try:
        compositor = Compositor(name, command, settings)
        compositor.set_class(guest == "busy-rr")
        spinning = spin(busy)
        before = host_load()
        started = time.monotonic()
        result.update(measure(compositor, mode, clients, frames, work))
        after = host_load()
        result["host_load"] = max(before[0], after[0])
        result["host_waited_percent"] = round((after[1] - before[1]) / 10 / (time.monotonic() - started), 1)
        result["stats"] = compositor.stats()
    except (RuntimeError, subprocess.TimeoutExpired, OSError) as fault:
        result["fault"] = str(fault)
    finally:
        for process in spinning:
            end(process)
        if compositor is not None:
            compositor.end()
    return result


HEADER = f"{'':26} {'client':6} {'guest':8} {'p50':>6} {'p99':>6} {'max':>6} {'missed':>13} {'host load':>10} {'waited':>7}"


def line(result):
    name = f"{result['compositor']:26} {result['client']:6} {result['guest']:8}"
    if "fault" in result or not result.get("frames"):
        return f"{name} {result.get('fault', 'nothing was presented')}"
    late = f", and {result['client_late']} by the client" if result["client_late"] else ""
    stats = result.get("stats")
    told = f", it counts {stats['missed']} in all" if stats else ""
    missed = f"{result['missed']} of {result['frames']}"
    return (f"{name} {result['p50_ms']:6.1f} {result['p99_ms']:6.1f} {result['max_ms']:6.1f} {missed:>13} "
            f"{result['host_load']:10.1f} {result['host_waited_percent']:6.0f}%{late}{told}")


def plan(options):
    """(row of COMPOSITORS, client's pace, guest, frames), in the order of the table."""
    wanted = options.only.split(",") if options.only else [""]
    rows = [row for row in COMPOSITORS if any(row[0].startswith(name) for name in wanted)]
    if options.soak:
        rows = [row for row in rows if row[0].startswith("binnacle") and row[3] == 3] or rows[:1]
        return [(row, "frame", guest, options.soak) for row in rows for guest in ("quiet", "busy-rr")]
    return [(row, mode, guest, options.frames) for mode, guest in CELLS for row in rows]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--frames", type=int, default=600)
    parser.add_argument("--soak", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--work", type=int, default=0)
    options = parser.parse_args()
    shutil.rmtree(OUT / "flips", ignore_errors=True)
    (OUT / "flips").mkdir(parents=True)
    cells = plan(options)
    seconds = sum(frames / (50 if mode == "timer" else 60) + 4 for _, mode, _, frames in cells)
    print(f"commit to page flip, ms; three heads, {os.cpu_count()} processors in the guest; about {seconds / 60:.0f} min")
    print(HEADER, flush=True)
    results = []
    for row, mode, guest, frames in cells:
        results.append(cell(row, mode, guest, frames, options.work))
        print(line(results[-1]), flush=True)
        (OUT / "flips.json").write_text(json.dumps(results, indent=1) + "\n", encoding="ascii")
    return 1 if any("fault" in result for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
