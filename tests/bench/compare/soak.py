"""./dev soak: whether Binnacle misses a cluster frame, ever, while others do their worst.

10,000 cluster frames each beside a flood of full-size and one of 8K pictures, with busy processes; in
slices, between which the compositor's memory is read. A hostile client that is thrown out, as it is after a minute, comes
back at once. Ends with 1 when a frame was missed, or when the memory kept growing: by more than GROWTH_MIB_PER_1000
frames, reckoned over all slices but the first.
"""
import json
import pathlib
import sys
import time

import figures
import measure
from peers import PEERS
from processes import Failed
from scenarios import BY_NAME, LOADED, LOADED_RR, run_cell
from witness import Witness, during as count_during

SLICES = 20
LOOK_S = 0.25            # for who was thrown out
REFRESH_NS = 17_000_000  # a miss is told at the refresh that it is of
GROWTH_MIB_PER_1000 = 1.0


def wait_until(end_s, session, scenario, returned):
    """Meanwhile who was thrown out is started again. Returns how often that has been so far."""
    while (left := end_s - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_S))
        while returned < sum(not member.alive() for member in session.group.members):
            for start in scenario.hostile:
                start(session)
            returned += 1
    return returned


def told_misses(folder, display):
    """When a display missed refreshes, by the flight recorder: CLOCK_MONOTONIC ns."""
    times = set()
    for path in pathlib.Path(folder).glob("miss-*.json"):
        events = json.loads(path.read_text())["traceEvents"]
        tracks = {event["tid"] for event in events
                  if event["name"] == "thread_name" and event["args"]["name"].startswith(display + " (")}
        times |= {int(event["ts"] * 1e3) for event in events
                  if event["name"] == "missed" and event["tid"] in tracks}
    return times


def soak(stage, peer, scenario, condition, frames):
    """One long run; memory is read as it goes."""
    memory, returned = [], 0

    def during(session, seconds):
        nonlocal returned
        begin = time.monotonic()
        for part in range(SLICES):
            returned = wait_until(begin + seconds * (part + 1) / SLICES, session, scenario, returned)
            if not session.compositor.alive():
                return
            memory.append((frames * (part + 1) / SLICES, measure.pss_kib(session.compositor.pid) / 1024))
            print(f"soak: {scenario.name} {condition.name}: {memory[-1][0]:.0f} of {frames} frames, "
                  f"{memory[-1][1]:.1f} MiB", file=sys.stderr, flush=True)

    # A refresh more than needed, since frames at both edges belong to nobody.
    with Witness() as witness:
        session = stage.session(peer)
        result = run_cell(stage, peer, scenario, condition, (frames + 30) * 1.002 / 60, session, during)
    stalls_ms = [(woken - due) / 1e6 for due, woken in witness.stalls]
    result.update(returned=returned, stalls=len(stalls_ms), longest_stall_ms=max(stalls_ms, default=0),
                  missed_in_stalls=count_during(told_misses(session.folder, "cluster"), witness.stalls, REFRESH_NS))
    result["growth_mib_per_1000_frames"] = 1000 * figures.slope(memory[1:])
    result["memory_mib"] = memory
    return result


def verdict(result, frames):
    """What is wrong with it, in words; empty when nothing is."""
    faults = []
    if result["missed"]:
        faults.append(f"{result['missed']} frames were missed")
    if result["presented"] + result["late"] < frames * 0.95:
        faults.append(f"only {result['presented']} frames were presented")
    if result["growth_mib_per_1000_frames"] > GROWTH_MIB_PER_1000:
        faults.append(f"it grew by {result['growth_mib_per_1000_frames']:.1f} MiB per 1000 frames")
    return faults


def run(stage, frames, out):
    """Status to end with."""
    peer = next(peer for peer in PEERS if peer.name == "binnacle-auto")
    results, bad = [], False
    for name in ("flood", "big"):
        for condition in (LOADED_RR, LOADED):
            try:
                result = soak(stage, peer, BY_NAME[name], condition, frames)
            except Failed as fault:
                print(f"soak: {name} {condition.name}: FAILED: {fault}", flush=True)
                bad = True
                continue
            faults = verdict(result, frames)
            results.append({"scenario": name, "condition": condition.name, "faults": faults, **result})
            print(f"soak: {name}, {condition.title}: {result['presented']} cluster frames, missed {result['missed']}, "
                  f"late {result['late']}, p50 {result['p50_ms']:.1f} ms, p99 {result['p99_ms']:.1f} ms, "
                  f"max {result['max_ms']:.1f} ms, PSS {result['pss_mib']:.1f} MiB "
                  f"({result['growth_mib_per_1000_frames']:+.2f} MiB per 1000 frames), "
                  f"others {result['others_percent']:.0f} %; the hostile client came back {result['returned']} times, "
                  f"the machine stood still {result['stalls']} times, {result['longest_stall_ms']:.1f} ms at most, "
                  f"{result['missed_in_stalls']} misses then - {', '.join(faults) or 'good'}", flush=True)
            # SCHED_OTHER is reported, SCHED_RR is the bar.
            bad = bad or bool(faults) and condition.real_time
    (out / "soak.json").write_text(json.dumps(results, indent=1) + "\n")
    if not stage.real_time:
        print("soak: SCHED_RR is not permitted here: everything ran SCHED_OTHER", flush=True)
    return 1 if bad else 0
