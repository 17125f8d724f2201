#!/usr/bin/env python3
"""What a running cockpit tells of itself: metrics that any scraper takes, and traces that a viewer opens.

usage: seeing_test.py BINNACLE BINNACLECTL BINNACLE-PROBE
"""
import collections
import json
import math
import re
import signal
import subprocess
import sys

from rig import environment, main, same, until

CASES = []
PROBE = sys.argv[3]


def case(function):
    CASES.append(function)
    return function


def animated(stage):
    """A cockpit with an app that draws on each refresh."""
    cockpit = stage.start()
    log = open(stage.path / "probe.log", "wb")  # pylint: disable=consider-using-with
    stage.open.callback(log.close)
    probe = subprocess.Popen([PROBE, "--animate"], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                             env=environment(stage.runtime, WAYLAND_DISPLAY="cockpit"))
    stage.open.callback(probe.wait)
    stage.open.callback(probe.kill)
    until("thirty frames", lambda: cockpit.ask("stats")["outputs"][0]["presented"] > 30)
    return cockpit


# OpenMetrics 1.0, as its specification says

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|Inf|NaN)")
SUFFIXES = {"counter": {"_total"}, "gauge": {""}, "info": {"_info"}, "histogram": {"_bucket", "_count", "_sum"}}


class Family:
    def __init__(self, name):
        self.name, self.meta, self.samples = name, {}, []


def parse_sample(line):
    name = NAME.match(line)
    assert name, line
    rest, labels = line[name.end():], []
    if rest.startswith("{"):
        rest = rest[1:]
        while not rest.startswith("}"):
            label = LABEL.match(rest)
            assert label, line
            labels.append(label.groups())
            rest = rest[label.end():]
            assert rest[0] in ",}", line
            if rest[0] == ",":
                rest = rest[1:]
                assert not rest.startswith("}"), f"a comma before the brace: {line}"
        rest = rest[1:]
    assert rest.startswith(" ") and NUMBER.fullmatch(rest[1:]), line
    same(len({key for key, _ in labels}), len(labels), f"labels of {line}")
    return name.group(), labels, float(rest[1:].replace("Inf", "inf"))


def parse(text):
    """All families by name; fails on whatever the specification does not allow."""
    assert text.endswith("# EOF\n"), text[-200:]
    lines = text.split("\n")
    same(lines.pop(), "", "the rest after the last line")
    same(lines.pop(), "# EOF", "the last line")
    families, current = {}, None
    for line in lines:
        assert line and line == line.strip() and not any(ord(c) < 32 for c in line), repr(line)
        meta = re.fullmatch(r"# (TYPE|UNIT|HELP) ([^ ]+) (.+)", line)
        if meta:
            key, name, value = meta.groups()
            assert NAME.fullmatch(name), line
            if current is None or current.name != name:
                assert name not in families, f"{name} is torn apart"
                current = families[name] = Family(name)
            assert not current.samples, f"after its samples: {line}"
            assert key not in current.meta, f"said twice: {line}"
            current.meta[key] = value
            continue
        assert not line.startswith("#"), line
        name, labels, value = parse_sample(line)
        assert current and name.startswith(current.name), f"{name} has no family"
        suffix = name[len(current.name):]
        assert suffix in SUFFIXES[current.meta["TYPE"]], line
        current.samples.append((suffix, labels, value))
    for family in families.values():
        check_family(family)
    return families


def check_family(family):
    kind, unit = family.meta["TYPE"], family.meta.get("UNIT")
    assert "HELP" in family.meta, family.name
    assert unit is None or family.name.endswith("_" + unit), family.name
    seen = set()
    for suffix, labels, value in family.samples:
        key = (suffix, tuple(sorted(labels)))
        assert key not in seen, f"{family.name}: {key} is there twice"
        seen.add(key)
        assert math.isfinite(value) and (kind == "gauge" or value >= 0), (family.name, value)
        assert kind != "info" or value == 1, family.name
    if kind == "histogram":
        check_histogram(family)


def check_histogram(family):
    points = collections.OrderedDict()
    previous = None
    for suffix, labels, value in family.samples:
        key = tuple(label for label in labels if label[0] != "le")
        assert key == previous or key not in points, f"{family.name}: {key} is torn apart"
        previous = key
        points.setdefault(key, []).append((suffix, dict(labels).get("le"), value))
    for key, samples in points.items():
        buckets = [(float(le.replace("Inf", "inf")), value) for suffix, le, value in samples if suffix == "_bucket"]
        same(buckets, sorted(buckets), f"{family.name}{key}: buckets")
        same(len({le for le, _ in buckets}), len(buckets), f"{family.name}{key}: limits")
        values = [value for _, value in buckets]
        same(values, sorted(values), f"{family.name}{key}: counts add up")
        same(buckets[-1][0], math.inf, f"{family.name}{key}: the last bucket")
        same([value for suffix, _, value in samples if suffix == "_count"], [values[-1]], "count")
        same(len([1 for suffix, _, _ in samples if suffix == "_sum"]), 1, "sums")


def total(families, name, **labels):
    wanted = set(labels.items())
    found = [value for _, has, value in families[name].samples if wanted <= set(has)]
    assert found, (name, labels)
    return sum(found)


@case
def metrics_are_open_metrics_and_tell_the_truth(stage):
    cockpit = animated(stage)
    before = cockpit.ask("stats")["outputs"][0]
    ended = stage.control("metrics")
    same(ended.status, 0, ended.err)
    after = cockpit.ask("stats")["outputs"][0]
    families = parse(ended.out)
    presented = total(families, "binnacle_frames_presented", display="left")
    assert before["presented"] <= presented <= after["presented"], (before, presented, after)
    cost = [value for suffix, _, value in families["binnacle_frame_cost_seconds"].samples if suffix == "_count"]
    assert before["render_ns"]["count"] <= cost[0] <= after["render_ns"]["count"], cost
    assert total(families, "binnacle_client_commits") > 30
    limits = {dict(labels)["limit"] for _, labels, _ in families["binnacle_client_budget_exceeded"].samples}
    assert {"upload-per-frame", "surfaces"} <= limits, limits


@case
def parser_of_this_test_is_strict(_):
    good = "# TYPE a counter\n# HELP a A.\na_total{x=\"1\"} 1\n# EOF\n"
    same(total(parse(good), "a"), 1, "value")
    for old, new in (("# EOF\n", ""), ("a_total", "a"), ("# HELP a A.\n", ""), ("} 1", "} -1"), ("} 1", "} x"),
                     ('x="1"', 'x="1",x="2"'), ('"1"', '"\\t"'), ("\na_total", "\n\na_total"), ("} 1\n", "} 1\n# TYPE a counter\n")):
        bad = good.replace(old, new)
        try:
            parse(bad)
        except (AssertionError, KeyError):
            continue
        raise AssertionError(f"it took {bad!r}")


# Traces

def load(path):
    """Events of a trace, checked: named tracks, times in order, slices that nest or follow each other."""
    events = json.loads(path.read_text())["traceEvents"]
    named = {(event["pid"], event["tid"]): event["args"]["name"] for event in events if event["name"] == "thread_name"}
    processes = {event["pid"] for event in events if event["name"] == "process_name"}
    timed = [event for event in events if event["ph"] != "M"]
    same([event["ts"] for event in timed], sorted(event["ts"] for event in timed), "times")
    open_slices = collections.defaultdict(list)
    for event in timed:
        track = (event["pid"], event["tid"])
        assert track in named and event["pid"] in processes, event
        if event["ph"] != "X":
            continue
        begin, end = round(event["ts"] * 1000), round((event["ts"] + event["dur"]) * 1000)
        stack = open_slices[track]
        while stack and stack[-1] <= begin:
            stack.pop()
        assert not stack or end <= stack[-1] + 1, f"overlaps another slice: {event}"
        stack.append(end)
    return timed, named


def check_trace(path):
    events, named = load(path)
    display = next(track for track, name in named.items() if name.startswith("left ("))
    client = next(track for track, name in named.items() if name.startswith("pid "))
    on_display = collections.Counter(event["name"] for event in events if (event["pid"], event["tid"]) == display)
    on_client = collections.Counter(event["name"] for event in events if (event["pid"], event["tid"]) == client)
    frames = [event for event in events if event["name"].startswith("frame ")]
    assert len(frames) > 5, on_display
    for name in ("latch", "deadline"):
        same(on_display[name], len(frames), name)
    for name in ("draw", "commit", "waiting for flip"):
        assert 0 < on_display[name] <= len(frames), (name, on_display)
    assert on_client["latch"] > 5 and on_client["commit"] > 5, on_client
    for frame in frames:
        assert frame["args"]["cost_ms"] >= 0 and frame["args"]["predicted_ms"] > 0, frame
    return events


@case
def trace_has_all_tracks_and_deadlines(stage):
    animated(stage)
    same(stage.control("trace", "500ms", "trace.json").status, 0, "status")
    events = check_trace(stage.path / "trace.json")
    assert events[-1]["ts"] - events[0]["ts"] < 600e3 + 60e3, "older than it was asked for"


@case
def interrupted_trace_is_written(stage):
    animated(stage)
    process = subprocess.Popen([stage.ctl, "trace", "30s", "trace.json"], cwd=stage.path, stderr=subprocess.PIPE,
                               env=environment(stage.runtime), stdin=subprocess.DEVNULL, text=True)
    assert "Ctrl-C" in process.stderr.readline()
    presented = stage.control("stats", "--json")
    first = json.loads(presented.out)["outputs"][0]["presented"]
    until("twenty more frames",
          lambda: json.loads(stage.control("stats", "--json").out)["outputs"][0]["presented"] > first + 20)
    process.send_signal(signal.SIGINT)
    same(process.wait(10), 0, "status")
    process.stderr.close()
    check_trace(stage.path / "trace.json")


@case
def recorder_can_be_dumped_at_any_time(stage):
    animated(stage)
    same(stage.control("recorder", "dump", "dump.json").status, 0, "status")
    events = check_trace(stage.path / "dump.json")
    assert any(event["name"] == "shows" for event in events), "no word of what zones show"


@case
def recorder_options_are_checked(stage):
    same(stage.cockpit("--recorder-misses", "some", "--", "true").status, 2, "status")
    same(stage.cockpit("--recorder", "none", "--recorder-misses", "any", "--", "true").status, 0, "status")


if __name__ == "__main__":
    sys.exit(main(CASES, sys.argv[1:]))
