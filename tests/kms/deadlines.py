#!/usr/bin/env python3
"""Engages reverse and compares the ledger with what the camera (flip-probe) was told of its first picture on glass.

usage: deadlines.py FILE NOTE    FILE: what the probe writes; NOTE: figures for who reads the results
"""
import json
import pathlib
import subprocess
import sys
import time

GEAR = "Vehicle.Powertrain.Transmission.CurrentGear"


def ctl(*arguments):
    return json.loads(subprocess.run(["binnaclectl", "--json", *arguments], check=True, capture_output=True).stdout)


def until(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"{what}: not within {seconds} s\n{json.dumps(ctl('deadlines'))}")
        time.sleep(0.02)


def begin():
    return next(entry for entry in ctl("deadlines")["deadlines"] if entry["edge"] == "begin")


def shown(file, since):
    """When pictures came on glass since then, and the refresh of each, in ns."""
    lines = file.read_text(encoding="ascii").splitlines(keepends=True)
    flips = [line.split() for line in lines if line.endswith("\n") and not line.endswith("discarded\n")]
    return [(int(fields[2]), int(fields[4])) for fields in flips if int(fields[2]) > since]


def main():
    file, note = map(pathlib.Path, sys.argv[1:3])
    before = time.monotonic_ns()
    ctl("set", GEAR, "-1")
    after = time.monotonic_ns()
    until("the camera on glass", lambda: begin()["count"] == 1)
    until("that the camera was told of a picture on glass", lambda: shown(file, before))
    first, refresh = shown(file, before)[0]
    entry = begin()
    booked = entry["max_ns"]
    note.write_text(f"reverse to camera: {booked / 1e6:.1f} ms in the ledger, {(first - after) / 1e6:.1f} to "
                    f"{(first - before) / 1e6:.1f} ms as the camera was told\n", encoding="ascii")
    print(note.read_text(encoding="ascii"))
    if entry["measured_by"] != "flip" or entry["misses"] != 0:
        sys.exit(f"measured by {entry['measured_by']}, {entry['misses']} misses")
    # The signal arrived between the two readings of the clock; the frame is the same or its neighbour.
    if not first - after - refresh <= booked <= first - before + refresh:
        sys.exit("that is more than a frame apart")


if __name__ == "__main__":
    main()
