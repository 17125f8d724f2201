"""Whether the machine itself stood still: a timer for each processor that is first and does nothing.

Who is measured cannot run either where such a timer is late: interrupts were off, the kernel did not let go of the
processor, or the host had taken it.
"""
import os
import signal
import struct
import time

from processes import die_with_parent

PERIOD_NS = 5_000_000
LATE_NS = 4_000_000  # what a frame's room of 17 ms does not feel is left out
FIRST = 99           # of SCHED_FIFO: ahead of all that is measured
STALL = struct.Struct("qq")


def watch(processor, pipe, priority):
    """In a child: writes that it runs, then (due, woken) of each late wake-up, CLOCK_MONOTONIC ns."""
    die_with_parent()
    os.sched_setaffinity(0, {processor})
    if priority > 0:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
    due = time.monotonic_ns()
    os.write(pipe, STALL.pack(due, due))
    while True:
        due += PERIOD_NS
        time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        now = time.monotonic_ns()
        if now - due > LATE_NS:
            os.write(pipe, STALL.pack(due, now))
            due = now


class Witness:
    """
    `stalls`: (due, woken) of all processors, when it has ended. Without the right to that priority of SCHED_FIFO there
    are none; 0: SCHED_OTHER.
    """

    def __init__(self, priority=FIRST):
        self.priority, self.stalls, self.children, self.reader = priority, [], [], -1

    def __enter__(self):
        self.reader, writer = os.pipe()
        for processor in sorted(os.sched_getaffinity(0)):
            child = os.fork()
            if child == 0:
                try:
                    watch(processor, writer, self.priority)
                finally:
                    os._exit(1)
            self.children.append(child)
        os.close(writer)
        for _ in self.children:
            self.read()
        return self

    def read(self):
        """The next stall, which is waited for; None: nobody watches."""
        told = os.read(self.reader, STALL.size)
        return STALL.unpack(told) if told else None

    def __exit__(self, *_):
        for child in self.children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        with open(self.reader, "rb") as pipe:
            self.stalls = sorted(STALL.iter_unpack(pipe.read()))


def during(moments, stalls, slack_ns):
    """How many of the moments lie in a stall, or so close to one."""
    return sum(any(due - slack_ns <= at <= woken + slack_ns for due, woken in stalls) for at in moments)
