"""What the compositor's loop did when the witness's frame was missed: told by its journal (core/journal.h).

A gap is put down to the first of these that holds:
own       the cluster's own frame took longer than LONG_NS
drawing   a frame of another display did: the part of it that took longest is named, `latch` (uploads too),
          `draw`, or `commit`, which on llvmpipe is where shaders are compiled and pixels made
divided   such a frame was drawn in parts: the loop was not busy with it all the time
dispatch  the cluster's frame, or none at all, came late beside no such frame: requests, or a client's end
other     the loop had no hand in it: the scheduler, or the witness
"""
import collections
import mmap
import os
import struct
import threading

HEAD = struct.Struct("=8sIIIIIIqq")
FRAME = struct.Struct("=qqiiIIIIIIIHHHHI")
NOTE_SIZE = 32
SAFETY, DIVIDED = 4, 8
EVERY_S = 2  # copying an image of so much takes a fifth of a millisecond
LONG_NS = 6e6  # what takes less leaves a frame of 60 Hz its time
LATE_NS = 2e6
NEAR_NS = 50e6

Frame = collections.namedtuple("Frame", "wake_ns present_ns due deadline latch submit commit predicted period sequence "
                                        "upload_bytes draw_ops missed track flags reserved")


def parse(image):
    """The frames of an image, oldest first."""
    magic, version, count, *_ = HEAD.unpack_from(image)
    assert magic == b"bnjournl" and version == 1, "the compositor is of another version than this fuzzer"
    return [Frame(*FRAME.unpack_from(image, HEAD.size + number * FRAME.size)) for number in range(count)]


def end_of(frame):
    return frame.wake_ns + max(frame.commit, frame.submit, frame.latch)


def longest_part(frame):
    parts = {"latch": frame.latch, "draw": frame.submit - frame.latch, "commit": frame.commit - frame.submit}
    return max(parts, key=parts.get)


def cause(frames, begin_ns, end_ns):
    """Why nothing came on the cluster between two of the witness's frames."""
    there = [frame for frame in frames if begin_ns <= end_of(frame) and frame.wake_ns <= end_ns]
    long = [frame for frame in there if end_of(frame) - frame.wake_ns > LONG_NS and not frame.flags & DIVIDED]
    if any(frame.flags & SAFETY for frame in long):
        return "own frame"
    if long:
        return f"another display's {longest_part(max(long, key=lambda frame: end_of(frame) - frame.wake_ns))}"
    if any(frame.flags & DIVIDED for frame in there):
        return "a divided frame"
    cluster = [frame for frame in there if frame.flags & SAFETY]
    if not cluster or any(-frame.due > LATE_NS for frame in cluster):
        return "dispatch"
    return "other"


class Journal:
    """Keeps the frames of a session, by asking for those of the last seconds again and again."""

    def __init__(self, connection):
        self.connection, self.frames, self.since_ns = connection, {}, 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def fetch(self):
        reply = self.connection.ask("journal", since_ns=max(0, self.since_ns - 1_000_000_000))
        fd = self.connection.take_fd()
        try:
            with mmap.mmap(fd, 0, prot=mmap.PROT_READ) as image:
                for frame in parse(image):
                    self.frames[frame.sequence] = frame
        finally:
            os.close(fd)
        self.since_ns = reply["now_ns"]

    def run(self):
        try:
            while not self.ended.wait(EVERY_S):
                self.fetch()
            self.fetch()
        except (OSError, AssertionError, IndexError):
            pass  # whoever watches tells of it
        self.connection.close()

    def end(self):
        self.ended.set()
        self.thread.join()

    def around(self, gaps):
        """A line for each frame near a gap, times in ms from the witness's last frame before it."""
        lines = []
        for begin_ns, end_ns, gap in gaps:
            lines.append(f"{gap} missed in {(end_ns - begin_ns) / 1e6:.1f} ms; track flags: woken (after it was due) latch submit commit")
            for frame in sorted(self.frames.values(), key=lambda frame: frame.wake_ns):
                if begin_ns - NEAR_NS < frame.wake_ns < end_ns + NEAR_NS:
                    parts = " ".join(f"{part / 1e6:.2f}" for part in (frame.latch, frame.submit, frame.commit))
                    lines.append(f"  {frame.track} {frame.flags:#04x}: {(frame.wake_ns - begin_ns) / 1e6:.2f} ({-frame.due / 1e6:.2f}) {parts}")
        return lines

    def causes(self, gaps):
        """Of [(ns before, ns after, how many)]: {cause: how many}, the most first."""
        frames, counted = list(self.frames.values()), collections.Counter()
        for begin_ns, end_ns, gap in gaps:
            counted[cause(frames, begin_ns, end_ns)] += gap
        return dict(counted.most_common())
