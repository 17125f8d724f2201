"""The goals, as ratios within one run: what was reached beside what was to be reached.

A goal is left out where one of its cells was not measured. cage has one display and takes no part.
"""
from report import BESIDE

MIB_FULL = (1920 * 720 + 2 * 1920 * 1080) * 4 / 3  # bytes that a frame of `full` copies, on average
HOSTILE = ("flood", "big", "crowd30", "churn")


class Reader:
    """Medians of cells, by the names of their keys."""

    def __init__(self, results):
        self.results = results

    def get(self, scenario, condition, peer, key):
        cell = self.results.cell(scenario, condition, peer)
        value = cell and cell[key]
        return value["median"] if isinstance(value, dict) else value

    def best_peer(self, scenario, condition, key, only=lambda peer: True):
        values = [self.get(scenario, condition, peer, key) for peer in self.results.peers(scenario, condition)
                  if not peer.startswith("binnacle") and peer not in BESIDE and only(peer)]
        return min((value for value in values if value is not None), default=None)

    def start(self, *names):
        times = [sorted(self.results.start_ms[name])[len(self.results.start_ms[name]) // 2]
                 for name in names if self.results.start_ms.get(name)]
        return min(times, default=None)


def at_most(name, value, base, factor, plus=0.0):
    """value <= factor * base + plus, as a row; None when either is unknown."""
    if value is None or base is None:
        return None
    limit = factor * base + plus
    return name, f"{value:.3g}", f"{limit:.3g}", value <= limit


def cost_goals(read):
    for scenario in ("needle", "full"):
        def cost(peer, name=scenario):
            return read.get(name, "quiet", peer, "cpu_ms_per_frame")
        best = read.best_peer(scenario, "quiet", "cpu_ms_per_frame")
        yield at_most(f"{scenario}: gles <= 0.5 x weston-gl, ms", cost("binnacle-gles"), cost("weston-gl"), 0.5)
        yield at_most(f"{scenario}: auto <= {0.9 if scenario == 'needle' else 1} x the best peer, ms",
                      cost("binnacle-auto"), best, 0.9 if scenario == "needle" else 1)
    limit_ms = MIB_FULL / read.results.machine["memcpy_bytes_per_s"] * 1e3
    yield at_most("full: auto <= 1.5 x memcpy of the same, ms",
                  read.get("full", "quiet", "binnacle-auto", "cpu_ms_per_frame"), limit_ms, 1.5)


def isolation_goals(read):
    for condition in ("busy", "busy-rr"):
        for peer in ("binnacle-auto", "binnacle-gles"):
            alone = read.get("alone", condition, peer, "p99_ms")
            for scenario in HOSTILE:
                where = f"{scenario}, {condition}, {peer}"
                yield at_most(f"{where}: missed", read.get(scenario, condition, peer, "missed"), 0, 1)
                yield at_most(f"{where}: p99 <= alone + 2 ms", read.get(scenario, condition, peer, "p99_ms"),
                              alone, 1, 2)


def other_goals(read):
    yield at_most("timer50: p99 <= the best wlroots peer, ms", read.get("timer50", "quiet", "binnacle-auto", "p99_ms"),
                  read.best_peer("timer50", "quiet", "p99_ms", lambda peer: peer in ("sway", "labwc")), 1)
    yield at_most("start-up: auto <= the fastest pixman peer, ms", read.start("binnacle-auto"),
                  read.start("weston-pixman", "sway", "labwc"), 1)
    yield at_most("start-up: gles <= weston-gl, ms", read.start("binnacle-gles"), read.start("weston-gl"), 1)
    yield at_most("PSS in needle: auto <= the best peer, MiB", read.get("needle", "quiet", "binnacle-auto", "pss_mib"),
                  read.best_peer("needle", "quiet", "pss_mib"), 1)
    yield at_most("PSS in needle: gles <= 0.8 x weston-gl, MiB",
                  read.get("needle", "quiet", "binnacle-gles", "pss_mib"),
                  read.get("needle", "quiet", "weston-gl", "pss_mib"), 0.8)


def rows(results):
    read = Reader(results)
    return [row for part in (cost_goals, isolation_goals, other_goals) for row in part(read) if row is not None]
