"""Processes of a bench: each leads a group of its own, is ended by its id, and none is left behind."""
import ctypes
import os
import select
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    """A cell cannot be measured; the text says why."""


def die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A child. What it says on stderr goes to its log, what it says on stdout is read line by line."""

    def __init__(self, command, env, log, cwd=None):
        self.name = os.path.basename(str(command[0]))
        self.log_path = log
        self.started_ns = time.monotonic_ns()
        with open(log, "ab") as file:
            self.popen = subprocess.Popen(list(map(str, command)), env=env, cwd=cwd, stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE, stderr=file, start_new_session=True,
                                          preexec_fn=die_with_parent)
        self.pid = self.popen.pid
        self.text = b""
        self.ended = False

    def alive(self):
        return self.popen.poll() is None

    def said(self):
        with open(self.log_path, "rb") as file:
            return file.read()[-1500:].decode(errors="replace")

    def line(self, start, limit_s):
        """The next line on stdout that begins so."""
        end = time.monotonic() + limit_s
        while True:
            while b"\n" in self.text:
                line, self.text = self.text.split(b"\n", 1)
                if line.startswith(start.encode()):
                    return line.decode()
            left = end - time.monotonic()
            ready, _, _ = select.select([self.popen.stdout], [], [], max(0, left))
            if not ready:
                raise Failed(f"{self.name}: no '{start}' within {limit_s:g} s; {self.said()[-300:]}")
            data = os.read(self.popen.stdout.fileno(), 1 << 16)
            if not data:
                raise Failed(f"{self.name} ended before '{start}': {self.said()[-300:]}")
            self.text += data

    def drain(self):
        """Forgets what was said: a full pipe would stop who writes it."""
        while select.select([self.popen.stdout], [], [], 0)[0]:
            if not os.read(self.popen.stdout.fileno(), 1 << 16):
                break

    def finish(self, limit_s=10):
        """Closes its standard input and returns all it still says."""
        self.popen.stdin.close()
        chunks, end = [self.text], time.monotonic() + limit_s
        while time.monotonic() < end:
            if not select.select([self.popen.stdout], [], [], max(0, end - time.monotonic()))[0]:
                break
            data = os.read(self.popen.stdout.fileno(), 1 << 20)
            if not data:
                break
            chunks.append(data)
        self.end()
        return b"".join(chunks).decode(errors="replace")

    def signal_group(self, number):
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass

    def end(self, gently_s=0.0):
        """SIGTERM if there is time for it, then SIGKILL to all of its group."""
        if self.ended:
            return
        self.ended = True
        if gently_s > 0 and self.alive():
            self.signal_group(signal.SIGTERM)
            try:
                self.popen.wait(gently_s)
            except subprocess.TimeoutExpired:
                pass
        self.signal_group(signal.SIGKILL)
        self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            try:
                pipe.close()
            except OSError:
                pass


class Group:
    """All that one cell started; the last started is ended first."""

    def __init__(self):
        self.members = []

    def add(self, process):
        self.members.append(process)
        return process

    def end(self):
        while self.members:
            self.members.pop().end()


def busy(count, env, log):
    """Processes that do nothing but use a processor, beside everything else."""
    group = Group()
    for _ in range(count):
        group.add(Process(["sh", "-c", "while :; do :; done"], env, log))
    return group
