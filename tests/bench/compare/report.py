"""What was measured, as tables, JSON and plots. See ../README.md for what each column means."""
import json

import plot
from figures import spread
from scaling import CURVES
from scenarios import BY_NAME, SIGNAL

OVER_RUNS = ["cpu_ms_per_frame", "cpu_percent", "wakeups_per_s", "p50_ms", "p99_ms", "p999_ms", "max_ms", "pss_mib",
             "others_percent", "steal_percent", "load", "period_ms"]
SUMMED = ["presented", "missed", "late", "superseded", "zero_copy", "cut_off"]
NOISY_PERCENT = 15  # of the machine, used by others than the bench
BESIDE = ("cage",)  # one display: never in one plot with the rest


class Results:
    """Runs as they come; everything else is reckoned from them."""

    def __init__(self, machine):
        self.machine = machine
        self.proof = {}
        self.start_ms = {}  # peer -> list
        self.runs = {}      # (scenario, condition) -> peer -> list of dicts
        self.scaling = {}   # curve -> peer -> points
        self.notes = []

    def add(self, scenario, condition, peer, result):
        self.runs.setdefault((scenario, condition), {}).setdefault(peer, []).append(result)

    def cell(self, scenario, condition, peer):
        """The runs of a cell in one dict; None when there is none."""
        runs = self.runs.get((scenario, condition), {}).get(peer)
        if not runs:
            return None
        good = [run for run in runs if "error" not in run]
        cell = {key: spread([run[key] for run in good]) for key in OVER_RUNS}
        cell.update({key: sum(run[key] for run in good) for key in SUMMED})
        cell["presented_per_s"] = spread([run["presented"] * 1e9 / run["wall_ns"] for run in good])
        cell["errors"] = [run["error"] for run in runs if "error" in run]
        return cell

    def peers(self, scenario, condition):
        return list(self.runs.get((scenario, condition), {}))

    def as_json(self):
        cells = {f"{scenario}/{condition}": {peer: self.cell(scenario, condition, peer) for peer in peers}
                 for (scenario, condition), peers in self.runs.items()}
        return {"machine": self.machine, "proof": self.proof, "notes": self.notes,
                "start_up_ms": {peer: spread(times) for peer, times in self.start_ms.items()},
                "cells": cells, "scaling": self.scaling,
                "runs": [{"scenario": scenario, "condition": condition, "peer": peer, **run}
                         for (scenario, condition), peers in self.runs.items()
                         for peer, runs in peers.items() for run in runs]}

    def write_json(self, folder):
        # In one rename: who reads it while it grows sees a whole one.
        (folder / "results.new").write_text(json.dumps(self.as_json(), indent=1) + "\n")
        (folder / "results.new").rename(folder / "results.json")


def figure(cell, digits=2):
    """A median with its spread."""
    if cell is None:
        return "-"
    if cell["runs"] == 1:
        return f"{cell['median']:.{digits}f}"
    return f"{cell['median']:.{digits}f} [{cell['min']:.{digits}f}..{cell['max']:.{digits}f}]"


def short(cell, digits=1):
    return "-" if cell is None else f"{cell['median']:.{digits}f}"


COLUMNS = [
    ("CPU ms/frame", lambda cell: figure(cell["cpu_ms_per_frame"], 3)),
    ("CPU %", lambda cell: short(cell["cpu_percent"], 2)),
    ("wakes/s", lambda cell: short(cell["wakeups_per_s"], 0)),
    ("shown", lambda cell: str(cell["presented"])),
    ("/s", lambda cell: short(cell["presented_per_s"], 0)),
    ("p50 ms", lambda cell: short(cell["p50_ms"])),
    ("p99 ms", lambda cell: figure(cell["p99_ms"], 1)),
    ("p99.9", lambda cell: short(cell["p999_ms"])),
    ("max", lambda cell: short(cell["max_ms"])),
    ("missed", lambda cell: str(cell["missed"])),
    ("late", lambda cell: str(cell["late"])),
    ("PSS MiB", lambda cell: short(cell["pss_mib"])),
    ("others %", lambda cell: short(cell["others_percent"], 0) + (
        " !" if cell["others_percent"] and cell["others_percent"]["max"] > NOISY_PERCENT else "")),
]


def grid(header, rows):
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = []
    for row in [header, *rows]:
        cells = [row[0].ljust(widths[0])] + [word.rjust(width) for word, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def cell_table(results, scenario, condition):
    rows, faults = [], []
    for peer in results.peers(scenario, condition):
        cell = results.cell(scenario, condition, peer)
        rows.append([label(peer), *(column(cell) for _, column in COLUMNS)])
        faults += [f"  {peer}: {error.splitlines()[0]}" for error in cell["errors"]]
        if cell["zero_copy"]:
            faults.append(f"  {peer}: {cell['zero_copy']} frames were scanned out, not composed: no comparison")
        if cell["cut_off"]:
            faults.append(f"  {peer}: a client was disconnected by it, {cell['cut_off']} times")
    return "\n".join([grid(["", *(name for name, _ in COLUMNS)], rows), *faults])


def tables(results, conditions):
    """Everything, for a terminal."""
    parts = []
    if results.start_ms:
        rows = [[label(peer), figure(spread(times), 0)] for peer, times in results.start_ms.items()]
        parts.append("start-up: ms from exec to a client's first frame on glass\n" + grid(["", "ms"], rows))
    titles = {condition.name: condition.title for condition in conditions}
    for scenario, condition in results.runs:
        title = BY_NAME[scenario].title if scenario in BY_NAME else SIGNAL.title
        parts.append(f"{scenario}: {title}; {titles[condition]}\n" + cell_table(results, scenario, condition))
    for curve in CURVES:
        if curve.name in results.scaling:
            parts.append(f"{curve.title}: {curve.unit}\n" + curve_table(curve, results.scaling[curve.name]))
    return "\n\n".join(parts)


def curve_table(curve, of_peers):
    rows = []
    for peer, points in of_peers.items():
        by_size = {point["size"]: point for point in points}
        rows.append([peer, *(cell_of(by_size.get(size), curve) for size in curve.sizes)])
    return grid(["", *map(str, curve.sizes)], rows)


def cell_of(point, curve):
    if point is None:
        return "-"
    if "error" in point:
        return "failed"
    missed = f" ({point['missed']} missed)" if curve.name == "hostile" and point["missed"] else ""
    value = point[curve.value]
    return "-" if value is None else f"{value:.3g}{missed}"


BAR_PLOTS = [  # file, title, unit, figure, [(scenario, condition)]
    ("cost", "What a presented frame costs the compositor", "CPU ms per frame", "cpu_ms_per_frame",
     [("needle", "quiet"), ("full", "quiet")]),
    ("timer", "From commit to glass at 50 Hz, out of phase: p99", "ms", "p99_ms", [("timer50", "quiet")]),
    ("memory", "Memory without the clients' buffers (PSS)", "MiB", "pss_mib",
     [("needle", "quiet"), ("full", "quiet"), ("big", "quiet")]),
] + [
    (f"latency-{condition}", f"The cluster's latency beside others, {words}: p99", "ms", "p99_ms",
     [(name, condition) for name in ("alone", "flood", "big", "crowd30", "churn")])
    for condition, words in (("quiet", "a quiet machine"), ("busy", "4 busy processes, SCHED_OTHER"),
                             ("busy-rr", "4 busy processes, SCHED_RR"))
] + [
    (f"missed-{condition}", f"Cluster frames missed, {words}", "% of refreshes", "missed_percent",
     [(name, condition) for name in ("alone", "flood", "big", "crowd30", "churn")])
    for condition, words in (("busy", "4 busy processes, SCHED_OTHER"), ("busy-rr", "4 busy processes, SCHED_RR"))
]


def label(peer):
    return f"{peer} (one display)" if peer in BESIDE else peer


def value_of(results, scenario, condition, peer, key):
    cell = results.cell(scenario, condition, peer)
    if cell is None:
        return None
    if key != "missed_percent":
        return cell[key]
    runs = [run for run in results.runs[(scenario, condition)][peer] if "error" not in run]
    return spread([100 * run["missed"] / max(1, run["presented"] + run["missed"]) for run in runs])


def bar_plots(results):
    """(file name, SVG) of each plot for which there is something."""
    if results.start_ms:
        times = {label(peer): {"start-up": spread(taken)} for peer, taken in results.start_ms.items()}
        yield "start-up", plot.bars("From exec to the first frame of a client", "ms", ["start-up"], list(times), times)
    for name, title, unit, key, cells in BAR_PLOTS:
        present = [(scenario, condition) for scenario, condition in cells if (scenario, condition) in results.runs]
        peers = [peer for peer in (results.peers(*present[0]) if present else []) if peer not in BESIDE]
        if peers:
            yield name, plot.bars(title, unit, [scenario for scenario, _ in present], peers, {
                peer: {scenario: value_of(results, scenario, condition, peer, key) for scenario, condition in present}
                for peer in peers})


def curve_plots(results):
    for curve in CURVES:
        points = {peer: [(point["size"], point[curve.value]) for point in made if point.get(curve.value) is not None]
                  for peer, made in results.scaling.get(curve.name, {}).items()}
        points = {peer: made for peer, made in points.items() if made}
        if points:
            yield f"scaling-{curve.name}", plot.curves(f"Scaling: {curve.title}", curve.unit, curve.title,
                                                       list(points), points)


def write_plots(results, folder):
    for name, svg in [*bar_plots(results), *curve_plots(results)]:
        (folder / f"{name}.svg").write_text(svg)
