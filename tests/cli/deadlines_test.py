#!/usr/bin/env python3
"""Deadlines from outside: the ledger that binnaclectl prints, and what a strict run ends with.

usage: deadlines_test.py BINNACLE BINNACLECTL BINNACLE-PROBE
"""
import json
import re
import sys

from rig import main, same, until

CASES = []
PROBE = sys.argv[3]

LAYOUT = """binnacle: 1
displays:
  left: { match: { connector: DP-1 }, mode: 320x200@60, size-mm: [160, 100], criticality: safety }
signals:
  Vehicle.Gear: {}
zones:
  main: { display: left, rect: full, grant: ["*"], empty: "#102030" }
  camera: { display: left, rect: [0, 0, 100, 100], layer: safety, grant: rear, visible: false, empty: builtin:no-camera }
rules:
  rear-view: { when: { Vehicle.Gear: -1 }, show: { camera: rear }, within: %s }
apps:
  rear: { exec: %s, home: camera }
"""


def case(function):
    CASES.append(function)
    return function


def layout(stage, within, command):
    return stage.write("deadlines.yaml", LAYOUT % (within, json.dumps(command)))


def entry(cockpit, edge):
    return next(entry for entry in cockpit.ask("deadlines")["deadlines"] if entry["edge"] == edge)


def reverse(cockpit, gear):
    assert cockpit.ask("set", signal="Vehicle.Gear", value=gear)["ok"]


@case
def an_app_that_is_started_on_demand_is_measured_and_printed(stage):
    cockpit = stage.start("--strict", layout=layout(stage, "20s", [PROBE]))
    reverse(cockpit, -1)
    until("the camera on glass", lambda: entry(cockpit, "begin")["count"] == 1)
    reverse(cockpit, 1)
    until("the camera gone", lambda: entry(cockpit, "end")["count"] == 1)
    begin = entry(cockpit, "begin")
    same((begin["name"], begin["measured_by"], begin["misses"], begin["within_ns"], begin["open"]),
         ("rear-view", "refresh", 0, 20_000_000_000, False), begin)
    assert 0 < begin["max_ns"] < 20_000_000_000, begin
    # Its fallback was there while it was started, unless that took less than a frame.
    assert begin["fallbacks"] <= 1 and begin["fallback_max_ns"] <= begin["max_ns"], begin
    printed = stage.control("deadlines", socket_name="cockpit")
    same((printed.status, printed.err), (0, ""), printed.err)
    rows = printed.out.splitlines()
    assert re.match(r"EVENT +EDGE +WITHIN ms +COUNT", rows[0]), printed.out
    assert re.match(r"rear-view +begin +20000 +1 ", rows[1]) and rows[1].endswith("refresh"), printed.out
    assert re.match(r"rear-view +end +20000 +1 ", rows[2]), printed.out
    same(json.loads(stage.control("--json", "deadlines", socket_name="cockpit").out)["misses"], 0, "misses")
    metrics = stage.control("metrics", socket_name="cockpit").out
    assert 'binnacle_deadline_seconds_count{rule="rear-view",edge="begin"} 1' in metrics, metrics
    assert 'binnacle_deadline_misses_total{rule="rear-view",edge="begin"} 0' in metrics, metrics
    same(cockpit.end(), 0, cockpit.said())
    assert "rear-view" in cockpit.said(), "a strict run prints its ledger"


@case
def a_miss_ends_a_strict_run_with_a_status_of_its_own(stage):
    cockpit = stage.start("--strict", layout=layout(stage, "200ms", ["sleep", "1000"]))
    reverse(cockpit, -1)
    until("a miss", lambda: entry(cockpit, "begin")["misses"] == 1)
    same(entry(cockpit, "begin")["open"], True, "it is still waited for")
    same(cockpit.end(), 5, cockpit.said())
    assert re.search(r"\[ERROR\].*rear-view: not on glass 200 ms after its signal", cockpit.said()), cockpit.said()
    assert "--strict: deadlines missed: 1" in cockpit.said(), cockpit.said()


@case
def without_strict_a_miss_ends_nothing(stage):
    cockpit = stage.start(layout=layout(stage, "200ms", ["sleep", "1000"]))
    reverse(cockpit, -1)
    until("a miss", lambda: entry(cockpit, "begin")["misses"] == 1)
    same(cockpit.end(), 0, cockpit.said())


@case
def a_command_that_fails_keeps_its_status(stage):
    ended = stage.run("--layout", layout(stage, "200ms", ["sleep", "1000"]), "--backend", "headless", "--strict", "--",
                      "sh", "-c", f"{stage.ctl} set Vehicle.Gear -1 && sleep 0.5; exit 7")
    same(ended.status, 7, ended.err)


if __name__ == "__main__":
    sys.exit(main(CASES, sys.argv[1:]))
