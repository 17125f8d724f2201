#!/usr/bin/env python3
"""What 50-guard.sh cannot do in shell.

guard.py card                                   the path of the vkms card with heads
guard.py kill PID SIGNAL                        sends it; prints when, CLOCK_MONOTONIC in ns
guard.py report NAME AT SAFE COCKPIT FILE       judges what `kms-crc watch` saw after AT
guard.py leftovers PID LOG                      whether the guard's file has no more than its own framebuffers
"""
import glob
import os
import pathlib
import re
import signal
import sys
import time
import zlib

CLUSTER_PX = 640 * 240  # guard.yaml

def card():
    for path in sorted(glob.glob("/sys/class/drm/card*-Virtual-1")):
        print("/dev/dri/" + pathlib.Path(path).name.split("-")[0])
        return 0
    return 1


def kill(pid, name):
    at = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    os.kill(int(pid), getattr(signal, "SIG" + name))
    print(at)
    return 0


def report(name, at, safe, cockpit, file):
    """The cockpit's last picture, then the safe one, then a cockpit: what else there was is black, and counted."""
    at, file = int(at), pathlib.Path(file)
    seen = [line.split() for line in file.read_text().splitlines()]
    # A refresh that was not read, on a host that is busy, is not one that was dark.
    seen = [(int(when), what) for when, what in seen if what != "dark"]
    black = f"{zlib.crc32((bytes([255, 255]) + bytes(6)) * CLUSTER_PX, 0xffffffff) ^ 0xffffffff:08x}"
    changes = [(when, what) for when, what in seen if when > at and what != "end"]
    first = next((i for i, (_, what) in enumerate(changes) if what == safe), None)
    if first is None:
        print(f"{name}: the safe picture was never seen: {changes}")
        return 1
    back = next((i for i, (_, what) in enumerate(changes) if i > first and what not in (safe, black)), None)
    if back is None:
        print(f"{name}: no cockpit was seen after the safe picture: {changes}")
        return 1
    times = [when for when, _ in changes] + [seen[-1][0]]
    dark = sum(round((times[i + 1] - when) / 16.67e6) for i, (when, what) in enumerate(changes) if what == black)
    strange = {what for _, what in changes[:first]} - {cockpit}
    print(f"{name}: changes, ms after the fault: {[(round((when - at) / 1e6), what) for when, what in changes]}")
    print(f"{name}: safe picture read {1e-6 * (changes[first][0] - at):.0f} ms after the fault, "
          f"{len(strange)} other pictures before it, {dark} black refreshes, "
          f"a cockpit's frame {1e-6 * (changes[back][0] - at):.0f} ms after the fault")
    return 1 if strange else 0


def leftovers(pid, log):
    """The kernel's list of framebuffers, by who allocated them."""
    lines = pathlib.Path(log).read_text()
    alive = re.findall(r" is pid (\d+)$", lines, re.M)[-1]
    mine = {}
    for path in glob.glob("/sys/kernel/debug/dri/[0-9]*/framebuffer"):
        for owner in re.findall(r"allocated by = (.*)", pathlib.Path(path).read_text()):
            mine[owner] = mine.get(owner, 0) + 1
    print(f"framebuffers by owner: {mine}; the guard is {pid}, its compositor {alive}")
    # Three of the guard, and of the living compositor at most what a swap chain of each head holds.
    return 0 if sum(mine.values()) <= 3 + 3 * 4 else 1


sys.exit(globals()[sys.argv[1]](*sys.argv[2:]))
