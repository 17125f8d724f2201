#!/usr/bin/env python3
"""What a frame asks of others: allocations, system calls, and no wake-up where nothing moves.

usage: frame_test.py BINNACLE BINNACLECTL RT-CLIENT SANITIZED(yes|no) ALLOC-TRACE
"""
import collections
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

from kit import (DISPLAYS, Clients, Skip, environment, main, same, status, switches, tasks, three_displays,
                 until, wait_frames)

CLIENT, SANITIZED, TRACE = sys.argv[3], sys.argv[4] == "yes", sys.argv[5]
FRAMES = 10000  # of all displays together
QUIET_S = 2     # a count is asserted, so it may be short
CASES = []

# With pixels, clients and displays in place, this is all that a frame and its clients may ask of the kernel. None
# of it waits for a client or a disk: sockets are MSG_DONTWAIT, and read() is looked at below.
FRAME_CALLS = {"epoll_wait", "epoll_pwait", "epoll_pwait2", "timerfd_settime", "read", "recvmsg", "sendmsg",
               "clock_gettime", "getpid", "restart_syscall", "sched_yield", "futex", "ioctl", "poll", "epoll_ctl",
               # wlroots maps a buffer's file when it becomes a texture, glibc returns and takes memory
               "mmap", "munmap", "close", "brk", "madvise", "rt_sigaction", "rt_sigprocmask"}


def case(function):
    CASES.append(function)
    return function


class Trace:
    """The counters of alloc_trace.c, read while the program runs."""

    MODULES, SITES, NAME = 128, 512, 64

    def __init__(self, path):
        self.path = path

    def read(self):
        data = self.path.read_bytes()
        modules, at = collections.Counter(), 8
        for _ in range(self.MODULES):
            name = data[at:at + self.NAME].split(b"\0")[0].decode()
            modules[name or "binnacle"] += struct.unpack_from("Q", data, at + self.NAME)[0]
            at += self.NAME + 8
        sites = collections.Counter()
        for _ in range(self.SITES):
            offset, count = struct.unpack_from("QQ", data, at)
            sites[offset] += count
            at += 16
        same(struct.unpack_from("Q", data, at)[0], 0, "allocations that nobody is known for")
        return modules, sites


def place(program, offset):
    """The function and line of a return address."""
    if not shutil.which("addr2line"):
        return hex(offset)
    return subprocess.run(["addr2line", "-fpe", program, hex(offset)], capture_output=True, text=True,
                          check=True).stdout.strip()


def start_needles(stage, refresh_hz, rich, *arguments, env=None):
    stage.layout.write_text(three_displays(refresh_hz, rich=rich))
    cockpit = stage.start(*arguments, env=env)
    clients = Clients(stage, CLIENT)
    for name in DISPLAYS:
        clients.start(f"{name}-app", "needle")
    wait_frames(cockpit, 50)
    return cockpit, clients


def check_allocations(stage, renderer, frames):
    path = stage.path / f"allocations-{renderer}"
    # Displays faster than real ones: it is frames that are counted.
    cockpit, clients = start_needles(stage, 960, True, "--renderer", renderer, env=environment(
        stage.runtime, LD_PRELOAD=TRACE, ALLOC_TRACE=path))
    trace = Trace(path)
    # The control socket answers with allocations: it is left alone until all is counted.
    clients.wait_frames(600)
    assert trace.read()[0]["binnacle"] > 0, "the tracer does not see us"
    marks = []
    for _ in range(2):
        begin = clients.frames()
        modules, sites = trace.read()
        clients.wait_frames(frames / 2)
        later_modules, later_sites = trace.read()
        marks.append((clients.frames() - begin, later_modules - modules, later_sites - sites))
    for count, by_module, by_site in marks:
        words = ", ".join(f"{name} {allocated / count:.3f}" for name, allocated in by_module.most_common(8))
        print(f"# {renderer}: {count} frames, allocations per frame: {words or 'none'}")
    ours = collections.Counter()
    for _, _, by_site in marks:
        ours += by_site
    for offset, number in ours.most_common(40):
        print(f"#   {number} times at {place(stage.binnacle, offset)}")
    per_frame = [sum(by_module.values()) / count for count, by_module, _ in marks]
    clients.end()
    cockpit.end()
    return ours, marks, per_frame


@case
def ten_thousand_frames_allocate_nothing_of_ours(stage):
    if SANITIZED:
        raise Skip("a sanitizer allocates itself")
    ours, marks, per_frame = check_allocations(stage, "pixman", FRAMES)
    same(sum(ours.values()), 0, f"allocations of ours in {sum(count for count, _, _ in marks)} frames")
    assert per_frame[-1] <= per_frame[0] * 1.25, f"allocations per frame grow: {per_frame}"


@case
def frames_on_gles_allocate_nothing_of_ours(stage):
    if SANITIZED:
        raise Skip("a sanitizer allocates itself")
    ours, marks, _ = check_allocations(stage, "gles", 600)
    same(sum(ours.values()), 0, f"allocations of ours in {sum(count for count, _, _ in marks)} frames")


def strace(stage, pid):
    """Starts to list the system calls of all its threads; finish() returns them."""
    if not shutil.which("strace"):
        raise Skip("strace is not installed")
    path = stage.path / "calls"  # a file: a pipe that nobody reads would stop the program
    path.unlink(missing_ok=True)
    tracer = subprocess.Popen(["strace", "-f", "-yy", "-qq", "-s", "0", "-o", path, "-p", str(pid)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    stage.open.callback(tracer.kill)

    def attached():
        if tracer.poll() is not None:
            raise Skip("strace may not attach here: " + tracer.stderr.read()[:200])
        return all(status(f"{pid}/task/{task}")["TracerPid"] == str(tracer.pid) for task in tasks(pid))
    until("strace to attach", attached)
    return tracer, path


def finish(traced):
    tracer, path = traced
    tracer.send_signal(signal.SIGINT)
    tracer.communicate(timeout=30)
    lines = [re.sub(r"^\d+ +", "", line) for line in path.read_text().splitlines()]
    return [line for line in lines if "<detached" not in line]


def calls_of(lines):
    found = collections.Counter()
    for line in lines:
        match = re.match(r"(?:<\.\.\. )?(\w+)(\(| resumed)", line)
        if match and match[2] == "(":
            found[match[1]] += 1
    return found


def check_calls(stage, renderer):
    cockpit, clients = start_needles(stage, 60, False, "--renderer", renderer)
    clients.wait_frames(300)
    marks = []
    for _ in range(2):
        tracer = strace(stage, cockpit.process.pid)
        begin = clients.frames()
        clients.wait_frames(300)  # nothing is asked of it meanwhile: its answers are no frame's
        frames = clients.frames() - begin
        marks.append((frames, finish(tracer)))
    for frames, lines in marks:
        calls = calls_of(lines)
        print(f"# {renderer}: {frames} frames, {sum(calls.values()) / frames:.2f} system calls per frame: "
              + ", ".join(f"{name} {number / frames:.2f}" for name, number in calls.most_common()))
        strange = set(calls) - FRAME_CALLS
        same(strange, set(), "calls that no frame needs: "
             + "; ".join(line for line in lines if re.match("|".join(strange) or "$^", line))[:500])
        for line in lines:
            if line.startswith("read("):
                assert re.match(r"read\(\d+<anon_inode:\[?(timerfd|eventfd|signalfd)", line), line
            elif line.startswith(("recvmsg(", "sendmsg(")) and "<unfinished" not in line:
                assert "MSG_DONTWAIT" in line, line
            elif line.startswith("poll("):
                assert re.search(r", 0\)", line), line
    first, last = (sum(calls_of(lines).values()) / frames for frames, lines in marks)
    # When clients are asked to draw moves with what is learnt of them: with a frame, or at a wake-up of its own.
    assert last <= first * 1.5 + 2, f"system calls per frame grow: {first:.2f}, {last:.2f}"
    clients.end()
    cockpit.end()


@case
def frames_make_no_call_that_could_wait(stage):
    check_calls(stage, "pixman")


@case
def frames_on_gles_make_no_call_that_could_wait(stage):
    check_calls(stage, "gles")


@case
def cockpit_that_stands_still_sleeps(stage):
    """Zero: with every zone filled by a client that has nothing new."""
    stage.layout.write_text(three_displays())
    for renderer in ("pixman", "gles"):
        cockpit = stage.start("--renderer", renderer)
        clients = Clients(stage, CLIENT)
        for name in DISPLAYS:
            clients.start(f"{name}-app", "still")
        until("three windows", lambda: all(cockpit.pixel(name, 300, 300) == 0x606060 for name in DISPLAYS))
        pid = cockpit.process.pid

        def still():
            before = switches(pid)
            time.sleep(0.3)
            return switches(pid) == before
        until("a static cockpit", still)
        before = switches(pid)
        time.sleep(QUIET_S)  # it is the quiet that is measured
        same(switches(pid) - before, 0, f"wake-ups in {QUIET_S} s, {renderer}")
        if shutil.which("strace"):
            tracer = strace(stage, pid)
            time.sleep(QUIET_S)
            # What it slept in when the tracer came is no call of that time.
            calls = [line for line in finish(tracer) if "restart_syscall" not in line and "<unfinished" not in line]
            same(calls, [], f"system calls in {QUIET_S} s, {renderer}")
        clients.end()
        cockpit.end()


if __name__ == "__main__":
    sys.exit(main(CASES, sys.argv[1:3]))
