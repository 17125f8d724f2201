#!/usr/bin/env python3
"""Counts sub-tests and keeps the totals of one ./dev test.

report.py meson BUILD TALLY   what meson test left in BUILD/meson-logs
report.py tap FILE TALLY      one TAP stream, named after its file
report.py one NAME STATUS [REASON] TALLY
                              a check that is one test: STATUS is its exit status, 77: skipped for REASON
report.py sum TALLY           prints "N passed, N failed[, N skipped]"; exit status 1 if any failed

TALLY is a file with one line per sub-test that did not pass, and one per number that did:
"pass COUNT", "fail NAME", "skip NAME<tab>REASON".
"""

import glob
import json
import os
import re
import subprocess
import sys

TAP_LINE = re.compile(r"^(not )?ok\b\s*(\d+)?\s*(?:-\s*)?(.*)$")
DIRECTIVE = re.compile(r"\s*(?<!\\)#\s*(skip|todo)\S*\s*(.*)$", re.IGNORECASE)


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def save(self, path, prefix=""):
        with open(path, "a", encoding="utf-8") as out:
            if self.passed:
                out.write(f"pass {self.passed}\n")
            for name in self.failed:
                out.write(f"fail {prefix}{name}\n")
            for name, reason in self.skipped:
                out.write(f"skip {prefix}{name}\t{reason}\n")


def count_tap(text, name, tally):
    """Adds one TAP stream. A stream that stops before its plan has failed, whatever it said so far."""
    plan, seen, before = None, 0, len(tally.failed)
    for line in text.splitlines():
        if found := re.match(r"^1\.\.(\d+)(?:\s*#\s*skip\S*\s*(.*))?", line, re.IGNORECASE):
            plan = int(found[1])
            if plan == 0:
                tally.skipped.append((name, found[2] or "no reason given"))
            continue
        if line.startswith("Bail out!"):
            tally.failed.append(f"{name}: {line}")
        if not (found := TAP_LINE.match(line)):
            continue
        seen += 1
        case = f"{name}: {found[3] or seen}"
        if directive := DIRECTIVE.search(case):
            case = case[: directive.start()]
            if directive[1].lower() == "skip" and not found[1]:
                tally.skipped.append((case, directive[2] or "no reason given"))
                continue
        if found[1]:
            tally.failed.append(case)
        else:
            tally.passed += 1
    if plan is None:
        tally.failed.append(f"{name}: it printed no plan")
    elif seen != plan:
        tally.failed.append(f"{name}: {seen} of {plan} cases ran")
    return len(tally.failed) > before


def count_meson(build, tally):
    tests = json.loads(
        subprocess.run(["meson", "introspect", "--tests", build], check=True, capture_output=True).stdout
    )
    protocols = {test["name"]: test["protocol"] for test in tests}
    ran = set()
    # With a test setup its name is part of the file's.
    logs = glob.glob(os.path.join(build, "meson-logs", "testlog*.json"))
    log = max(logs, key=os.path.getmtime)
    with open(log, encoding="utf-8") as lines:
        for line in lines:
            run = json.loads(line)
            name = plain_name(run["name"], protocols)
            ran.add(name)
            text = run.get("stdout") or ""
            if protocols.get(name) == "tap" and text.strip():
                noticed = count_tap(text, name, tally)
                if run["result"] in ("ERROR", "TIMEOUT", "INTERRUPT", "FAIL") and not noticed:
                    tally.failed.append(f"{name}: {run['result'].lower()}, status {run['returncode']}")
            elif run["result"] in ("OK", "EXPECTEDFAIL"):
                tally.passed += 1
            elif run["result"] == "SKIP":
                tally.skipped.append((name, last_line(text) or last_line(run.get("stderr") or "")))
            else:
                tally.failed.append(f"{name}: {run['result'].lower()}, status {run['returncode']}")
    for name in sorted(set(protocols) - ran):
        tally.failed.append(f"{name}: it was not run")


def plain_name(shown, names):
    """meson shows "suite - project:name"; how exactly depends on its version."""
    fits = [name for name in names if shown == name or re.search(r"[\s:]" + re.escape(name) + "$", shown)]
    return max(fits, key=len, default=shown)


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def print_sum(path):
    passed, failed, skipped = 0, [], []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                kind, rest = line.rstrip("\n").split(" ", 1)
                if kind == "pass":
                    passed += int(rest)
                elif kind == "fail":
                    failed.append(rest)
                else:
                    skipped.append(rest.split("\t", 1))
    for name, reason in skipped:
        print(f"skipped: {name}: {reason}")
    for name in failed:
        print(f"failed: {name}")
    print(f"{passed} passed, {len(failed)} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 1 if failed else 0


def main(what, *args):
    if what == "sum":
        return print_sum(args[0])
    tally = Tally()
    prefix = ""
    if what == "meson":
        count_meson(args[0], tally)
        prefix = "" if args[0] == "build" else args[0] + ": "
    elif what == "tap":
        with open(args[0], encoding="utf-8", errors="replace") as text:
            count_tap(text.read(), os.path.splitext(os.path.basename(args[0]))[0], tally)
    elif what == "one":
        name, status = args[0], int(args[1])
        if status == 0:
            tally.passed = 1
        elif status == 77:
            tally.skipped.append((name, args[2] if len(args) > 3 else "the reason is above"))
        else:
            tally.failed.append(f"{name}: status {status}")
    tally.save(args[-1], prefix)
    return 1 if tally.failed else 0


sys.exit(main(*sys.argv[1:]))
