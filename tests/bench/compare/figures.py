"""What a probe's frames mean. Pure: text in, figures out.

Definitions, the same for every compositor
------------------------------------------
T           one refresh: the median interval between presented frames in the compositor's own quiet run
            with the cluster client alone, of which a small part changes. (wlroots' headless back end refreshes
            at 62.5 Hz, the others at 60.)
latency     from the moment a frame's commit was sent to its time of presentation in wp_presentation feedback.
gap         an interval of more than 1.5 T between two successive presented frames of a client that draws at
            every frame callback. It counts the refreshes that went by: round(interval / T) - 1.
late        a gap is the client's own when its oldest waiting frame (the first committed after the frame that
            began the gap) was sent more than T/2 after its cause was received, or when the client stood in the
            run queue for more than T/2 since its previous commit. The cause is the frame callback; or, when the
            compositor held all four of the client's buffers then, the first release.
missed      every other gap: the client answered its callback at once, its buffer needs no GPU and was ready,
            and the frame was not on the next refresh. That the callback itself came late excuses nobody. A frame
            that never came is missed up to the end of the measurement; of a gap across its edges, the part inside.
superseded  a frame of which the compositor says that it was never shown.

A client with its own timer (timer50) has no gaps. There, missed counts frames whose latency is more than
2 T: a compositor that latches a whole refresh ahead still keeps below that.
"""
import collections
import math
import statistics

Frame = collections.namedtuple("Frame", "cause commit presented refresh waited sequence flags")
Judged = collections.namedtuple("Judged", "presented missed late superseded latencies")

SUPERSEDED = -1


def parse(text):
    """A probe's log: its frames in order, and how often it committed."""
    frames, commits = [], 0
    for line in text.splitlines():
        kind, *numbers = line.split()
        if kind == "frame" and len(numbers) == len(Frame._fields):
            frames.append(Frame(*map(int, numbers)))
        elif kind == "commits":
            commits = int(numbers[0])
    return frames, commits


def shown(frames):
    return [frame for frame in frames if frame.presented > 0]


def period(frames):
    """T, ns; None when too little was presented to tell."""
    times = [frame.presented for frame in shown(frames)]
    intervals = [after - before for before, after in zip(times, times[1:]) if after > before]
    return statistics.median(intervals) if len(intervals) >= 5 else None


def is_late(frame, period_ns):
    return max(frame.commit - frame.cause, frame.waited) > period_ns / 2


def refreshes_missed(before_ns, after_ns, period_ns, begin_ns, end_ns):
    """How many refreshes went by between two presented frames; of a gap across begin or end, the part inside."""
    interval = after_ns - before_ns
    if interval <= 1.5 * period_ns:
        return 0
    inside = max(0, min(after_ns, end_ns) - max(before_ns, begin_ns)) / interval
    return round((round(interval / period_ns) - 1) * inside)


def judge(frames, period_ns, begin_ns, end_ns, paced=True):
    """The frames that were presented between begin and end, and the gaps in that time."""
    presented = missed = late = superseded = 0
    latencies = []
    last, waiting = None, None  # presented before this one; the oldest committed since
    for frame in frames:
        waiting = waiting or frame
        if frame.presented == SUPERSEDED and begin_ns <= frame.commit <= end_ns:
            superseded += 1
        if frame.presented <= 0:
            continue
        inside = begin_ns <= frame.presented <= end_ns
        if inside:
            presented += 1
            latencies.append(frame.presented - frame.commit)
        gap = 0
        if paced and last is not None:
            gap = refreshes_missed(last.presented, frame.presented, period_ns, begin_ns, end_ns)
        elif not paced and inside and frame.presented - frame.commit > 2 * period_ns:
            gap = 1
        if is_late(waiting, period_ns):
            late += gap
        else:
            missed += gap
        last, waiting = frame, None
    # At the end: neither a frame nor the callback for one has come for longer than either ever takes.
    if paced and last is not None and last.presented < end_ns - 2 * period_ns:
        gap = refreshes_missed(last.presented, end_ns, period_ns, begin_ns, end_ns)
        if waiting is not None and is_late(waiting, period_ns):
            late += gap
        else:
            missed += gap
    return Judged(presented, missed, late, superseded, latencies)


def percentile(values, per_cent):
    """Nearest rank; None of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * per_cent / 100) - 1)]


def spread(values):
    """The median of several runs, with the least and the most of them; None when no run has one."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return {"median": statistics.median(known), "min": min(known), "max": max(known), "runs": len(known)}


def slope(points):
    """Least squares, per unit of x; 0 of fewer than two points."""
    if len(points) < 2:
        return 0.0
    mean_x = statistics.fmean(x for x, _ in points)
    mean_y = statistics.fmean(y for _, y in points)
    width = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / width if width else 0.0
