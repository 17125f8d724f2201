#!/usr/bin/env python3
"""Prints what the cockpit costs, beside what it may cost. Asserts nothing: a wall clock is no test.

usage: numbers.py [BINNACLE BINNACLECTL]

Without arguments the programs on PATH are measured: ./dev run -- tests/bench/numbers.py
"""
import os
import sys

TOP_NAME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path[0] = TOP_NAME + "/tests/cli"  # not our own folder: Python has a module "numbers" too

# pylint: disable=wrong-import-position
import concurrent.futures
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import time

from rig import Connection, Stage, environment, until

TOP = pathlib.Path(TOP_NAME)

STARTS = 10
SAVES = 20
STILL_S = 5


class Figures:
    """Rows of the table; each is printed as soon as it is known."""

    def __init__(self):
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} when this began")
        print(f"{'':44} {'measured':>12} {'goal':>10}")

    def add(self, name, measured, goal="", note=""):
        print(f"{name:44} {measured:>12} {goal:>10}  {note}".rstrip(), flush=True)

    def add_ms(self, name, seconds, goal=""):
        low, median, high = min(seconds), statistics.median(seconds), max(seconds)
        self.add(name, f"{median * 1e3:.1f} ms", goal, f"{low * 1e3:.1f} to {high * 1e3:.1f} in {len(seconds)}")


def ask_once(stage, layout, do, **members):
    cockpit = stage.start(layout=layout)
    reply = cockpit.ask(do, **members)
    cockpit.end()
    return reply


def quiet_sedan(stage):
    """The sedan as it is before any app: what they show instead, and nothing that moves."""
    folder = stage.path / "layouts"
    if not folder.exists():
        shutil.copytree(TOP / "layouts", folder)
    names = [app["name"] for app in ask_once(stage, folder / "sedan.yaml", "get", what="apps")["apps"]]
    return stage.write("layouts/quiet.yaml", "binnacle: 1\ninclude: sedan.yaml\napps:\n"
                       + "".join(f"  {name}: {{ start: never }}\n" for name in names))


def composed(connection):
    """Frames that each output composed, and that were on glass."""
    outputs = connection.ask("stats")["outputs"]
    return [(output["render_ns"]["count"], output["presented"]) for output in outputs]


def start_once(stage, layout, *arguments):
    """Seconds from exec until every display had a frame composed."""
    path = stage.runtime / "numbers.ctl"
    begin = time.monotonic()
    process = subprocess.Popen([stage.binnacle, "--layout", layout, "--backend", "headless", "--socket", "numbers",
                                *arguments], env=environment(stage.runtime), stderr=subprocess.DEVNULL)
    try:
        connection = until("a control socket", lambda: connect(path, process))
        while not all(frames for frames, _ in composed(connection)):
            time.sleep(0.0005)
        seconds = time.monotonic() - begin
        connection.close()
    finally:
        process.terminate()
        process.wait()
    return seconds


def connect(path, process):
    assert process.poll() is None, f"binnacle ended with {process.returncode}"
    try:
        return Connection(path)
    except OSError:
        return None


def read_memory(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {key: int(value) / 1024 for key, value in re.findall(r"^(VmRSS|RssAnon|RssFile|RssShmem):\s+(\d+)", text, re.M)}


def read_switches(pid):
    """How often its threads have gone to sleep: each time something woke them before."""
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(), re.M)[1])
               for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"))


def measure_start(stage, figures, layout):
    figures.add_ms("exec to first frame of all displays, pixman",
                   [start_once(stage, layout, "--renderer", "pixman") for _ in range(STARTS)], "100 ms")
    figures.add_ms("  the same while the apps start",
                   [start_once(stage, stage.path / "layouts/sedan.yaml", "--renderer", "pixman") for _ in range(STARTS)])
    figures.add_ms("  the same with gles (llvmpipe without a GPU)",
                   [start_once(stage, layout, "--renderer", "gles") for _ in range(3)])


def start_still(stage, layout, *arguments):
    """A cockpit in which what shows at first has faded in."""
    cockpit = stage.start(*arguments, layout=layout)

    def still():
        before = composed(cockpit.connection)
        time.sleep(0.5)
        return composed(cockpit.connection) == before and all(shown for _, shown in before)
    until("a static cockpit", still)
    return cockpit


def measure_memory(stage, figures, layout, renderer, goal):
    cockpit = start_still(stage, layout, "--renderer", renderer)
    memory = read_memory(cockpit.process.pid)
    figures.add(f"memory before clients, {renderer}", f"{memory['VmRSS']:.1f} MB", goal,
                f"{memory['RssAnon']:.1f} own, {memory['RssFile']:.1f} programs, {memory['RssShmem']:.1f} pictures")
    cockpit.end()


def measure_rest(stage, figures, layout):
    timeless = stage.write("layouts/timeless.yaml", "binnacle: 1\ninclude: quiet.yaml\n"
                           "zones: { gauges: { heartbeat: null }, media: { heartbeat: null } }\nchecks: null\n")
    for name, path, goal in (("a static cockpit", timeless, "0"), ("with a heartbeat declared", layout, "")):
        cockpit = start_still(stage, path)
        before = [output["wakeups"] for output in cockpit.ask("stats")["outputs"]]
        switches = read_switches(cockpit.process.pid)
        time.sleep(STILL_S)  # it is the quiet that is measured
        slept = read_switches(cockpit.process.pid) - switches
        woken = sum(output["wakeups"] for output in cockpit.ask("stats")["outputs"]) - sum(before)
        figures.add(f"wake-ups in {STILL_S} s, {name}", f"{slept}", goal, f"{woken} of them for frames")
        cockpit.end()


def measure_saves(stage, figures, layout):
    text = layout.read_text()
    cockpit = start_still(stage, layout)
    drawn, seen = [], []
    for turn in range(SAVES):
        before = composed(cockpit.connection)
        layout.write_text(text + f'zones: {{ main: {{ empty: "#{turn + 1:06x}" }} }}\n')
        begin = time.monotonic()
        while not all(now[0] > old[0] for now, old in zip(composed(cockpit.connection), before)):
            time.sleep(0.0005)
        drawn.append(time.monotonic() - begin)
        while not all(now[1] > old[1] for now, old in zip(composed(cockpit.connection), before)):
            time.sleep(0.0005)
        seen.append(time.monotonic() - begin)
    layout.write_text(text)
    figures.add_ms("save to first frame of the change", drawn, "100 ms")
    figures.add_ms("  to glass", seen)
    cockpit.end()


def measure_layout(figures, build):
    bench = build / "tests/bench/layout_bench"
    if not bench.exists():
        figures.add("layout of 200 zones", "not built", "20 ms")
        return
    said = subprocess.run([bench], check=True, capture_output=True, text=True).stdout
    median, worst = re.search(r"([\d.]+) ms \(median\), ([\d.]+) ms", said).groups()
    figures.add("layout of 200 zones: load, merge, check", f"{median} ms", "20 ms", f"worst of 25: {worst} ms")


def measure_units(figures, build):
    """All unit tests at once, as many beside each other as there are processors."""
    tests = json.loads((build / "meson-info/intro-tests.json").read_text())
    units = [test for test in tests if "unit" in [suite.rsplit(":", 1)[-1] for suite in test["suite"]]]
    if not all(os.path.exists(test["cmd"][0]) for test in units):
        figures.add("unit tests together", "not built", "2 s")
        return

    def run(test):
        return subprocess.run(test["cmd"], env={**os.environ, **test["env"]}, cwd=test["workdir"] or build,
                              capture_output=True, check=False).returncode

    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = sum(status != 0 for status in pool.map(run, units))
    figures.add("unit tests together", f"{time.monotonic() - begin:.2f} s", "2 s", f"{len(units)} programs, {failed} failed")


def measure_demo(stage, figures):
    begin = time.monotonic()
    done = subprocess.run([stage.binnacle, "--layout", TOP / "layouts/sedan.yaml", "--demo", stage.path / "demo"],
                          env=environment(stage.runtime), capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    pictures = len(list((stage.path / "demo").glob("*.png")))
    figures.add("headless demo", f"{seconds:.1f} s", "60 s", f"{pictures} pictures, status {done.returncode}")


def main(arguments):
    programs = arguments or [shutil.which("binnacle"), shutil.which("binnaclectl")]
    if len(programs) != 2 or None in programs:
        print(__doc__, file=sys.stderr)
        return 2
    build = pathlib.Path(programs[0]).resolve().parents[1]
    figures = Figures()
    stage = Stage(*programs)
    try:
        layout = quiet_sedan(stage)
        measure_start(stage, figures, layout)
        measure_memory(stage, figures, layout, "pixman", "60 MB")
        measure_memory(stage, figures, layout, "gles", "150 MB")
        measure_rest(stage, figures, layout)
        measure_saves(stage, figures, layout)
        measure_layout(figures, build)
        measure_units(figures, build)
        measure_demo(stage, figures)
    finally:
        stage.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
