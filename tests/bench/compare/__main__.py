"""Compares compositors side by side, in one run on one machine: ./dev bench

usage: bench [--quick] [--only SCENARIO|PEER ...] [--out DIR]
       soak  [--frames N] [--out DIR]

--quick   every cell once and short: whether it all works, not how fast it is; under 3 minutes
--only    these scenarios and compositors, nothing else; `scaling` and `start-up` are scenarios too
--out     where results.json, the tables and the plots go
"""
import argparse
import os
import pathlib
import platform
import shutil
import signal
import sys
import time

import goals
import measure
import proof
import report
import scaling
import soak
from peers import PEERS
from processes import Failed
from scenarios import (LOADED, LOADED_RR, QUIET, SCENARIOS, SIGNAL, Stage, run_cells, signal_to_photon, start_up)

CONDITIONS = [QUIET, LOADED, LOADED_RR]
SCALING_PEERS = ("binnacle-auto", "labwc", "weston-pixman")
EXTRA = ("start-up", "signal", "scaling")


class Effort:
    """How long everything takes. A run of 200 refreshes with three clients is 600 frames."""

    def __init__(self, quick):
        self.quick = quick
        self.runs = 1 if quick else 3
        self.starts = 1 if quick else 7
        self.limit_s = 165 if quick else 58 * 60

    def seconds(self, scenario, condition):
        if self.quick:
            return 0.3
        if scenario.name == "idle":
            return 2
        if not scenario.isolation or condition is QUIET:
            return 200 / 60
        return 600 / 60

    def curve_sizes(self, curve):
        return [curve.sizes[0], curve.sizes[-1]] if self.quick else curve.sizes


class Progress:
    def __init__(self, total, limit_s):
        self.total, self.done, self.begin = total, 0, time.monotonic()
        self.deadline = self.begin + limit_s

    def say(self, words, step=1):
        self.done += step
        passed = time.monotonic() - self.begin
        left = passed / max(1, self.done) * (self.total - self.done)
        print(f"[{self.done:3}/{self.total}] {clock(passed)}, about {clock(left)} left  {words}",
              file=sys.stderr, flush=True)

    def is_late(self):
        return time.monotonic() > self.deadline


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


class Bench:
    def __init__(self, peers, names, effort, out):
        self.peers, self.names, self.effort, self.out = peers, names, effort, out
        self.stage = Stage(out / "sessions")
        self.results = report.Results(describe_machine())
        self.progress = None
        self.broken = {}  # peer name -> why it is not measured

    def scenarios(self):
        return [scenario for scenario in SCENARIOS if scenario.name in self.names]

    def cells(self):
        """(scenario, conditions) in the order in which they are measured; the conditions share a compositor."""
        judged = [scenario for scenario in self.scenarios() if scenario.isolation]
        rest = [(scenario, [QUIET]) for scenario in self.scenarios() if not scenario.isolation]
        if self.effort.quick:
            return rest + [(scenario, CONDITIONS) for scenario in judged]
        return rest + [(scenario, [condition]) for condition in CONDITIONS for scenario in judged]

    def jobs(self):
        """(what, peer, function). Compositors take turns, so that a busy minute of the machine hits them all."""
        for _ in range(self.effort.starts if "start-up" in self.names else 0):
            for peer in self.peers:
                yield "start-up", peer, self.start
        for scenario, conditions in self.cells():
            for run in range(self.effort.runs):
                for peer in self.peers:
                    if not scenario.isolation or "cluster" in peer.displays:
                        yield (f"{scenario.name} {'+'.join(one.name for one in conditions)} {run + 1}", peer,
                               lambda peer, a=scenario, b=conditions: self.cell(peer, a, b))
        for condition in [QUIET, LOADED_RR] if "signal" in self.names else []:
            for peer in self.peers:
                if peer.program() == "binnacle":
                    yield f"signal {condition.name}", peer, lambda peer, b=condition: self.signal(peer, b)

    def curves(self):
        wanted = [peer for peer in self.peers if peer.name in SCALING_PEERS and not (
            self.effort.quick and peer.program() != "binnacle")]
        if not self.effort.quick and len(self.peers) == 1:
            wanted = self.peers
        return [(curve, peer) for curve in scaling.CURVES for peer in wanted
                if "scaling" in self.names and scaling.takes_part(curve, peer)]

    def start(self, peer):
        milliseconds = start_up(self.stage, peer) / 1e6
        self.results.start_ms.setdefault(peer.name, []).append(milliseconds)
        return f"{milliseconds:.0f} ms"

    def cell(self, peer, scenario, conditions):
        seconds = self.effort.seconds(scenario, conditions[0])
        return self.note(scenario, conditions, peer,
                         lambda: run_cells(self.stage, peer, scenario, conditions, seconds))

    def signal(self, peer, condition):
        seconds = 0.5 if self.effort.quick else 20
        return self.note(SIGNAL, [condition], peer,
                         lambda: [signal_to_photon(self.stage, peer, condition, seconds)])

    def note(self, scenario, conditions, peer, measurement):
        """Keeps what a measurement returns, a dict for each condition; returns it in words."""
        try:
            results = measurement()
        except Failed as fault:
            for condition in conditions:
                self.results.add(scenario.name, condition.name, peer.name, {"error": str(fault)})
            raise
        for condition, result in zip(conditions, results):
            self.results.add(scenario.name, condition.name, peer.name, result)
        return " | ".join(in_words(result) for result in results)

    def prove(self):
        for peer in self.peers:
            try:
                if shutil.which(peer.program()) is None:
                    raise Failed(f"{peer.program()} is not installed")
                self.results.proof[peer.name] = proof.prove(peer, self.out / "proof" / peer.name)
            except (Failed, OSError) as fault:
                self.broken[peer.name] = self.results.proof[peer.name] = f"NOT PROVEN: {fault}"
            self.progress.say(f"{peer.name}: {self.results.proof[peer.name]}")

    def run(self):
        jobs, curves = list(self.jobs()), self.curves()
        points = sum(len(self.effort.curve_sizes(curve)) for curve, _ in curves)
        self.progress = Progress(len(self.peers) + len(jobs) + points, self.effort.limit_s)
        self.prove()
        skipped = 0
        for what, peer, function in jobs:
            if self.progress.is_late() or peer.name in self.broken:
                skipped += 1
                continue
            try:
                said = function(peer)
            except Failed as fault:
                said = f"FAILED: {fault}"
            self.progress.say(f"{what} {peer.name}: {said}")
            self.results.write_json(self.out)
        for curve, peer in curves:
            if peer.name not in self.broken:
                self.results.scaling.setdefault(curve.name, {})[peer.name] = scaling.measure_curve(
                    self.stage, curve, peer, self.effort.curve_sizes(curve), 0.3 if self.effort.quick else 2,
                    self.progress.deadline, self.progress.say)
        if skipped:
            self.results.notes.append(f"{skipped} runs were left out: no time, or a compositor that is not proven")


def in_words(result):
    if not result["presented"]:
        return f"no frames, CPU {result['cpu_percent']:.2f} %, missed {result['missed']}"
    return (f"{result['presented']} frames, {result['cpu_ms_per_frame']:.3f} ms CPU each, "
            f"p99 {result['p99_ms']:.1f} ms, missed {result['missed']}, others {result['others_percent']:.0f} %")


def describe_machine():
    model = [line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return {"processors": os.cpu_count(), "model": model[0] if model else "unknown", "kernel": platform.release(),
            "load_before": os.getloadavg(), "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "memcpy_bytes_per_s": measure.memcpy_bytes_per_s()}


def finish(bench):
    results, out = bench.results, bench.out
    if not bench.stage.real_time:
        results.notes.append("SCHED_RR is not permitted here: everything ran SCHED_OTHER, the -rr conditions too")
    results.machine["load_after"] = os.getloadavg()
    results.write_json(out)
    report.write_plots(results, out)
    machine = results.machine
    lines = [f"{machine['date']}: {machine['processors']} processors {machine['model']}, Linux {machine['kernel']}, "
             f"memcpy {machine['memcpy_bytes_per_s'] / 1e9:.1f} GB/s, "
             f"load {machine['load_before'][0]:.1f} before and {machine['load_after'][0]:.1f} after",
             "compose: " + "; ".join(f"{peer}: {words}" for peer, words in results.proof.items()),
             *results.notes, "", report.tables(results, CONDITIONS), ""]
    reached = goals.rows(results)
    if reached:
        lines += ["goals" + (" (a quick run's figures prove nothing)" if bench.effort.quick else ""),
                  report.grid(["", "measured", "limit", ""], [[name, value, limit, "met" if met else "NOT MET"]
                                                              for name, value, limit, met in reached]), ""]
    text = "\n".join(lines)
    (out / "table.txt").write_text(text)
    print(text)
    print(f"results.json, table.txt and plots are in {out}", file=sys.stderr)
    # Others may crash (weston's kiosk does): the table tells. The bench fails when ours does, or nothing is proven.
    failed = [run for peers in results.runs.values() for peer, runs in peers.items() for run in runs
              if "error" in run and peer.startswith("binnacle")]
    return 1 if failed or bench.broken else 0


def choose(only):
    """Names of scenarios, and compositors. Only one kind named: all of the other."""
    scenarios = [scenario.name for scenario in SCENARIOS] + list(EXTRA)
    known = {peer.name for peer in PEERS} | {"binnacle", "weston"}
    unknown = [name for name in only if name not in scenarios and name not in known]
    if unknown:
        sys.exit(f"bench: there is no {', '.join(unknown)}; scenarios: {', '.join(scenarios)}; "
                 f"compositors: {', '.join(sorted(known))}")
    names = [name for name in scenarios if name in only] or scenarios
    peers = [peer for peer in PEERS if peer.name in only or peer.program() in only]
    return peers or PEERS, names


def stop(number, frame):
    raise KeyboardInterrupt


def main(arguments):
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("what", choices=["bench", "soak"])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", default=[], action="extend")
    parser.add_argument("--frames", type=int, default=10000)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("out/bench"))
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, stop)
    measure.go_first()
    try:
        if options.what == "soak":
            return soak.run(Stage(options.out / "soak"), options.frames, options.out)
        peers, names = choose(options.only)
        bench = Bench(peers, names, Effort(options.quick), options.out)
        try:
            bench.run()
        except KeyboardInterrupt:
            bench.results.notes.append("it was interrupted: not everything was measured")
            finish(bench)
            return 130
        return finish(bench)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
