#!/usr/bin/env python3
"""What flip-probe wrote down, in figures.

usage: flips.py FILE...          a line for each
       flips.py --check FILE     fails unless each flip was the hardware's own and at the mode's rate
       flips.py --gaps FILE      prints how many refreshes went by without a new picture, and how many of these because
                                 the client had none ready 5 ms before
       flips.py --told TRACE DISPLAY FILE
                                 prints how many refreshes went by between the pictures that are in a trace of
                                 binnaclectl's, how many of these because the client had none ready when frames of
                                 the trace were started (5 ms before at least), how many Binnacle counts as missed, and
                                 of how many pictures; fails when it counts more than went by or less than were not
                                 the client's, or when there are no more than 100
       flips.py --latch TRACE DISPLAY
                                 prints how long from a commit of the display's to its flip in such a trace, p50 and
                                 p99, less what it was early to be out of the cluster's way; and what half of its frames
                                 were foretold to take at most; all in us
       flips.py --phase FILE...  prints for each when in a refresh the flips fall, in ms
       flips.py --apart FILE...  fails when two of these places are less than 2 ms from each other
       flips.py --alone TRACE    fails when, in a trace of binnaclectl's, another display began a frame within
                                 1 ms after a commit of the cluster and before its flip
"""

import json
import math
import statistics
import sys

VSYNC, HW_CLOCK, HW_COMPLETION = 1, 2, 4
# A commit nearer than this to a vblank may be for the next one: who latches has a picture to compose.
LATCH_NS = 5_000_000
APART_MS = 2
MARGIN_US = 1000  # BN_DEADLINE_MARGIN_NS
SAME_US = 2000  # far less than a refresh: two times of the same flip


class Flip:
    def __init__(self, fields):
        self.callback, self.commit = int(fields[0]), int(fields[1])
        self.shown = fields[2] != "discarded"
        if self.shown:
            self.when, self.sequence, self.refresh, self.flags = map(int, fields[2:6])

    @property
    def latency(self):
        return self.when - self.commit


def read(path, skip=0):
    with open(path, encoding="ascii") as lines:
        flips = [Flip(line.split()) for line in lines if line.strip()]
    return sorted(flips, key=lambda flip: flip.commit)[skip:]


def shown(flips):
    return [flip for flip in flips if flip.shown]


def gaps(flips, lead=LATCH_NS):
    """Refreshes between two pictures on which nothing new came, and on how many the next picture was not ready."""
    missed = late = 0
    pictures = shown(flips)
    for before, flip in zip(pictures, pictures[1:]):
        gap = flip.sequence - before.sequence - 1
        missed += gap
        late += sum(before.when + n * flip.refresh - lead < flip.commit for n in range(1, gap + 1))
    return missed, late


def display_events(path, display):
    """Those of a trace that are on this display's track."""
    with open(path, encoding="utf-8") as trace:
        events = json.load(trace)["traceEvents"]
    track = next(event["tid"] for event in events
                 if event["name"] == "thread_name" and event["args"]["name"].startswith(display + " ("))
    return [event for event in events if event.get("tid") == track]


def told(events, flips):
    """(gaps, late, what Binnacle counts, pictures) between the first and the last whose frame is in the trace"""
    frames = [(event["ts"] + event["dur"], event["dur"], event["args"]["missed"]) for event in events
              if "missed" in event.get("args", {})]
    begin, end = (pick(flip_us for flip_us, _, _ in frames) for pick in (min, max))
    # How long before its refresh a frame was started at most: on a busy host the costs that are foretold rise.
    lead = max([LATCH_NS, *(int(took_us * 1e3) for _, took_us, count in frames if count == 0)])
    inside = [flip for flip in shown(flips) if begin - SAME_US <= flip.when / 1e3 <= end + SAME_US]
    if not inside:
        return 0, 0, 0, 0
    first, last = (inside[i].when / 1e3 + SAME_US for i in (0, -1))
    missed, late = gaps(inside, lead)
    return missed, late, sum(count for flip_us, _, count in frames if first < flip_us <= last), len(inside)


def frames_of(events):
    return [event for event in events if "early_ms" in event.get("args", {})]


def needed(events):
    """How long before its flip each frame was committed, us; not counting what it was early for the cluster's sake."""
    return [frame["dur"] - (frame["args"]["cost_ms"] + frame["args"]["early_ms"]) * 1e3
            for frame in frames_of(events)]


def passed_over(flip):
    """Refreshes that such a commit from a timer should have been on and was not."""
    if flip.refresh == 0:
        return 0
    waited = math.ceil(flip.latency / flip.refresh) - 1
    to_first = flip.latency - waited * flip.refresh
    return max(0, waited - (1 if to_first < LATCH_NS else 0))


def disturbed(events):
    """(frames that others began right after a commit of the cluster, all of theirs, commits of the cluster)"""
    names = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    displays = {thread for thread, name in names.items() if " (" in name}
    cluster = next(thread for thread in displays if names[thread].startswith("cluster"))
    waits = [(event["ts"], event["ts"] + min(event["dur"], MARGIN_US)) for event in events
             if event["name"] == "waiting for flip" and event["tid"] == cluster]
    begun = [event["ts"] for event in events
             if event["name"] == "latch" and event.get("tid") in displays - {cluster}]
    inside = sum(any(begin < ts < end for begin, end in waits) for ts in begun)
    return inside, len(begun), len(waits)


def permille(values, rank):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * rank / 1000) - 1)]


def latch(latencies):
    """How long before a refresh a picture has to be there, ns: no sooner than 99 of 100 that were shown."""
    return min(LATCH_NS, permille(latencies, 10))


def summary(flips, timer):
    """ms, and counts. `timer`: the client has its own pace, so that a refresh without a picture is no fault."""
    pictures = shown(flips)
    if not pictures:
        return {"frames": 0, "discarded": len(flips)}
    latencies = [flip.latency for flip in pictures]
    missed, late = gaps(pictures, latch(latencies))
    if timer:
        missed, late = sum(passed_over(flip) for flip in pictures), 0
    return {
        "frames": len(pictures),
        "discarded": len(flips) - len(pictures),
        "missed": missed - late,
        "client_late": late,
        "p50_ms": round(permille(latencies, 500) / 1e6, 2),
        "p99_ms": round(permille(latencies, 990) / 1e6, 2),
        "max_ms": round(max(latencies) / 1e6, 2),
        "answer_p99_ms": round(permille([(flip.commit - flip.callback) / 1e6 for flip in pictures], 990), 2),
        "refresh_ms": round(statistics.median(flip.refresh for flip in pictures) / 1e6, 3),
    }


def check(flips):
    """None, or what is wrong."""
    pictures = shown(flips)
    if not pictures:
        return "nothing was presented"
    want = VSYNC | HW_CLOCK | HW_COMPLETION
    for flip in pictures:
        if flip.flags & want != want:
            return f"flip {flip.sequence} has flags {flip.flags:#x}"
        if abs(flip.refresh - pictures[0].refresh) > 1000:
            return f"flip {flip.sequence} has a refresh of {flip.refresh} ns, the first of {pictures[0].refresh}"
        if flip.when < flip.commit:
            return f"flip {flip.sequence} was {flip.commit - flip.when} ns before its commit"
    for before, flip in zip(pictures, pictures[1:]):
        refreshes = (flip.when - before.when) / flip.refresh
        counted = flip.sequence - before.sequence
        if counted < 1:
            return f"flip {flip.sequence} was told twice"
        if abs(refreshes - counted) > 0.25:
            return f"from flip {before.sequence} to {flip.sequence} went {refreshes:.2f} refreshes"
    return None


def phase(flips, origin):
    """The median place of the flips within a refresh counted from `origin`, ms."""
    pictures = shown(flips)
    refresh = pictures[0].refresh
    middle = (pictures[0].when - origin) % refresh
    offsets = [(flip.when - origin - middle + refresh // 2) % refresh - refresh // 2 for flip in pictures]
    return (middle + statistics.median(offsets)) % refresh / 1e6


def phases(paths):
    """They are all counted from the first one's first flip, and the rates are so nearly the same that they stay."""
    runs = [read(path) for path in paths]
    origin = shown(runs[0])[0].when
    return [phase(run, origin) for run in runs]


def apart(places, refresh_ms):
    def distance(one, other):
        return min((one - other) % refresh_ms, (other - one) % refresh_ms)

    return all(distance(one, other) >= APART_MS for i, one in enumerate(places) for other in places[:i])


def main(arguments):
    if arguments[:1] == ["--check"]:
        fault = check(read(arguments[1]))
        print(fault or "every flip is the hardware's own")
        return 1 if fault else 0
    if arguments[:1] == ["--gaps"]:
        print(*gaps(read(arguments[1])))
        return 0
    if arguments[:1] == ["--told"]:
        events = display_events(arguments[1], arguments[2])
        missed, late, count, pictures = told(events, read(arguments[3]))
        print(missed, late, count, pictures)
        return 0 if pictures > 100 and missed - late <= count <= missed else 1
    if arguments[:1] == ["--latch"]:
        events = display_events(arguments[1], arguments[2])
        waits = needed(events)
        foretold = statistics.median(frame["args"]["predicted_ms"] for frame in frames_of(events))
        print(*(round(permille(waits, rank)) for rank in (500, 990)), round(foretold * 1e3))
        return 0
    if arguments[:1] == ["--alone"]:
        with open(arguments[1], encoding="utf-8") as trace:
            inside, begun, waits = disturbed(json.load(trace)["traceEvents"])
        print(f"{inside} of {begun} frames of other displays were begun right after one of the cluster's {waits}")
        # Who gave way four times in a row goes all the same.
        return 0 if waits > 0 and begun > 0 and inside <= begun / 20 else 1
    if arguments[:1] in (["--phase"], ["--apart"]):
        places = phases(arguments[1:])
        print(*(f"{place:.2f}" for place in places))
        return 0 if arguments[0] == "--phase" or apart(places, shown(read(arguments[1]))[0].refresh / 1e6) else 1
    for path in arguments:
        print(path, summary(read(path), timer=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
