"""A real compositor under attack, a witness on its cluster, and who watches both.

What is judged
--------------
deaths    the compositor ended, or a sanitizer said something.
hangs     a controller's request took longer than HANG_S, less the time that the compositor stood in the
          kernel's run queue meanwhile; or an attacker waited 10 s for an answer.
missed    refreshes of the cluster that went by without the witness's frame, as tests/bench/compare/figures.py
          counts them: the witness answered its frame callback at once, its buffer was ready, and the frame was
          not on the next refresh. Two kinds of such gaps are counted apart and are nobody's fault here: `late`,
          the witness itself stood in the run queue for more than T/2 or answered late; `starved`, the
          compositor stood there for more than STARVED_NS between the two presented frames, which is what a frame
          has to spare, or canary.c, which asks for next to nothing, got no time meanwhile. On a quiet machine where both may run SCHED_RR neither happens; elsewhere they say how
          busy it was.
memory    bytes of the heap in use (after malloc_trim), of shared memory that is mapped, and open descriptors, after
          the attackers have left against after a first round of the same attackers, in which caches have grown.
          Freed memory that a thread of libc keeps for itself (tcache, up to a quarter of a MiB) would count as in
          use, so there is none of that here.

With llvmpipe a shader is compiled when it first meets another kind of texture (format, filter, and it seems whether a
side is a power of two), which takes 20 to 80 ms of the loop; Mesa keeps the code in `shaders` beside the output, so
that only the first sessions of a folder show it. A texture of 7680x4320 takes llvmpipe 80 ms and more to make. What a
GPU's driver does has not been measured.
"""
import bisect
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("bench/compare", "cli"):
    sys.path.insert(0, str(HERE.parents[1] / folder))

import attacks  # noqa: E402 # pylint: disable=wrong-import-position
import figures  # noqa: E402 # pylint: disable=wrong-import-position
import measure  # noqa: E402 # pylint: disable=wrong-import-position
import signatures  # noqa: E402 # pylint: disable=wrong-import-position
from processes import Failed, Group, Process  # noqa: E402,F401 # pylint: disable=wrong-import-position
from rig import Connection, environment, until  # noqa: E402 # pylint: disable=wrong-import-position

HANG_S = 1.0
PERIOD_NS = 1e9 / 60
STARVED_NS = 2e6
TOKENS = 300  # more than shell/xdg.c keeps
# What chaos changes meanwhile (a layout is another, a signal has a longer text) and, with gles, code that llvmpipe keeps.
HEAP_GROWTH_BYTES = {"pixman": 64 * 1024, "gles": 2048 * 1024}
OPENED_ONCE = {"/dev/urandom"}  # by wlroots, with the first activation token
START_S, SETTLE_S = 60, 10

LAYOUT = """\
binnacle: 1
displays:
  cluster: { mode: 640x240@60, size-mm: [292, 110], criticality: safety }
  center: { mode: 480x320@60, size-mm: [160, 106] }
  passenger: { mode: 320x240@60, size-mm: [120, 90] }
occupants:
  driver: { displays: [cluster, center] }
  passenger: { displays: passenger }
signals:
  Vehicle.Speed: { initial: 0 }
states:
  moving: { Vehicle.Speed: { over: 5, until-under: 3 } }
zones:
  gauges: { display: cluster, rect: full, layer: safety, grant: witness, empty: "#101010", accept-loss: only a test }
  main: { display: center, rect: [0, 0, 320, 240], grant: "*", empty: "#400000", radius: 16, transition: fade 100ms }
  side: { display: center, rect: [320, 0, 160, 240], grant: ["*"], empty: "#004000", fit: fit }
  trusted: { display: center, rect: [0, 200, 480, 120], layer: overlay, grant: trusted, fit: stretch, transition: slide-left 100ms }
  movie: { display: passenger, rect: full, grant: [cinema, "*"], empty: "#404000", fit: center }
rules:
  - { when: moving, restrict: { main: [video, keyboard] } }
apps:
  witness: { home: gauges }
  trusted: { home: trusted, may: [capture, input] }
  cinema: { home: movie }
"""
SOCKET = "fuzz"
SOCKETS = {"public": "", "trusted": ".trusted", "owner": ".owner", "cinema": ".cinema"}


class Tools:
    """Where what is run was built."""

    def __init__(self, binnacle, witness, heap, canary, sanitized, xml):
        self.binnacle, self.witness, self.heap, self.canary = binnacle, witness, heap, canary
        self.sanitized, self.xml = sanitized, xml


class Waits:
    """How long a process has stood in the run queue, over time."""

    def __init__(self, pid):
        self.path, self.times, self.waited = f"/proc/{pid}/schedstat", [], []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ended.wait(0.004):
            try:
                with open(self.path, encoding="ascii") as file:
                    waited = int(file.read().split()[1])
            except (OSError, IndexError):
                return
            self.times.append(time.monotonic_ns())
            self.waited.append(waited)

    def end(self):
        self.ended.set()
        self.thread.join()

    def between(self, begin_ns, end_ns):
        """At most so much of that time; 0 where the kernel does not count."""
        if not self.times:
            return 0
        first = max(0, bisect.bisect_right(self.times, begin_ns) - 1)
        last = min(len(self.times) - 1, bisect.bisect_left(self.times, end_ns))
        return self.waited[last] - self.waited[first]


class Canary:
    """When the machine gave nobody time."""

    def __init__(self, program):
        self.popen = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.late = []  # (ns, ns)

    def end(self):
        if self.popen.poll() is None:
            said, _ = self.popen.communicate()
            self.late = [tuple(map(int, line.split()[1:])) for line in said.splitlines()]

    def between(self, begin_ns, end_ns):
        return sum(max(0, min(end, end_ns) - max(begin, begin_ns)) for begin, end in self.late)


class Ping:
    """A controller that asks one thing again and again."""

    def __init__(self, path):
        self.path, self.answers = path, []  # (asked_ns, answered_ns)
        self.asked_ns, self.fault = None, None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            connection = Connection(self.path)
            while not self.ended.wait(0.03):
                self.asked_ns = time.monotonic_ns()
                connection.ask("get", what="layout")
                self.answers.append((self.asked_ns, time.monotonic_ns()))
            connection.close()
        except (OSError, AssertionError) as fault:
            self.fault = str(fault) or type(fault).__name__

    def end(self):
        self.ended.set()
        self.thread.join()


class Chaos:
    """A controller that touches, shows, sets and reloads, so that there are serials and things move."""

    def __init__(self, path, seed):
        self.path, self.random = path, random.Random(f"chaos {seed}")
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def act(self, connection):
        way = self.random.random()
        if way < 0.85:
            display, width, height = self.random.choice([("center", 480, 320), ("passenger", 320, 240)])
            connection.ask("touch", display=display, x=self.random.randrange(width), y=self.random.randrange(height),
                           phase=self.random.choice(["down", "move", "move", "up", "tap"]), finger=self.random.randrange(3))
        elif way < 0.92:
            connection.ask("set", signal="Vehicle.Speed", value=self.random.choice([0, 4, 100]))
        elif way < 0.97:
            connection.ask(self.random.choice(["show", "hide"]), app="trusted")
        else:
            connection.ask("reload")

    def run(self):
        try:
            connection = Connection(self.path)
            while not self.ended.wait(0.02):
                self.act(connection)
            connection.close()
        except (OSError, AssertionError):
            pass  # whoever watches tells of it

    def end(self):
        self.ended.set()
        self.thread.join()


def open_fds(pid):
    """How many there are of what: {name: count}, but for its own displays' buffers, of which it keeps a few."""
    kinds = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            name = os.readlink(f"/proc/{pid}/fd/{fd}")
        except OSError:
            continue
        name = re.sub(r"[:[]+[0-9]+\]?|-[A-Za-z0-9]{6}(?= \(deleted\))", "", name)
        if not name.startswith("/dev/shm/wlroots") and name not in OPENED_ONCE:
            kinds[name] = kinds.get(name, 0) + 1
    return kinds


def mapped_bytes(pid):
    """Clients' pools that the compositor has mapped."""
    total = 0
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines():
        if "/memfd:fuzz-pool" in line:
            begin, end = line.split()[0].split("-")
            total += int(end, 16) - int(begin, 16)
    return total


class Session:
    """One compositor's life."""

    def __init__(self, tools, folder, renderer, seed):
        self.tools, self.renderer, self.seed = tools, renderer, seed
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in [*self.folder.glob("*.log"), *self.folder.glob("*.steps")]:
            old.unlink()
        self.runtime = tempfile.TemporaryDirectory(prefix="fuzz-", dir="/tmp")  # short: a socket's path has 107 bytes
        self.attackers, self.others = Group(), Group()
        self.started = 0
        self.offered, self.stuck = {}, []
        self.begun = []  # (kind, name of the episode)
        self.counts = {"episodes": 0, "steps": 0}
        self.watchers = []
        self.real_time = True

    def __enter__(self):
        layout = self.folder / "layout.yaml"
        layout.write_text(LAYOUT)
        runtime = pathlib.Path(self.runtime.name)
        env = environment(runtime, LP_NUM_THREADS="0", LIBGL_ALWAYS_SOFTWARE="1", MESA_SHADER_CACHE_DIR=str(self.folder.parent / "shaders"))
        if self.tools.sanitized:
            # What it reports is read from the log; a quarantine is no leak, but looks like one from here.
            env["ASAN_OPTIONS"] = "quarantine_size_mb=16:detect_leaks=1:abort_on_error=0:handle_abort=1"
            env["UBSAN_OPTIONS"] = "print_stacktrace=1"
        else:
            env.update(GLIBC_TUNABLES="glibc.malloc.tcache_count=0", LD_PRELOAD=str(self.tools.heap), FUZZ_HEAP=str(runtime / "heap"))
        self.env = environment(runtime, WAYLAND_DISPLAY=f"{SOCKET}.witness")
        self.compositor = Process([self.tools.binnacle, "--layout", layout, "--backend", "headless", "--renderer", self.renderer,
                                   "--socket", SOCKET, "--recorder", "none"], env, self.path("binnacle.log"))
        self.pid = self.compositor.pid
        control = runtime / f"{SOCKET}.ctl"
        until("its control socket", lambda: control.exists() or not self.compositor.alive(), START_S)
        if not self.compositor.alive():
            raise Failed(f"it does not start: {self.said()[-2000:]}")
        self.control = Connection(control)
        self.real_time = measure.set_class(self.pid, True)
        return self

    def __exit__(self, *_):
        for watcher in self.watchers:
            watcher.end()
        self.attackers.end()
        self.others.end()
        self.compositor.end()
        self.runtime.cleanup()

    def path(self, name):
        return str(self.folder / name)

    def said(self):
        with open(self.path("binnacle.log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def socket(self, kind):
        return f"{self.runtime.name}/{SOCKET}{SOCKETS[kind]}"

    # Who is there

    def start_witness(self):
        witness = self.others.add(Process([self.tools.witness, "--mode", "pace", "--app-id", "witness", "--expect", "640x240"],
                                          self.env, self.path("witness.log")))
        measure.set_class(witness.pid, True)
        witness.line("ready", START_S)
        return witness

    def attack(self, what, kind, name):
        """Starts an attacker: `what` is fuzz or attack."""
        log = self.path(f"attacker-{self.started}.log")
        self.started += 1
        command = [sys.executable, "-B", HERE / "attacker.py", what, self.socket(kind), name, log, *self.tools.xml]
        attacker = self.attackers.add(Process(command, self.env, log))
        attacker.kind, attacker.what = kind, f"{what} {kind} {name}"
        return attacker

    def end_attackers(self, attackers=None):
        """They hang up as programs do that end, and those that cannot are killed."""
        ending = list(attackers if attackers is not None else self.attackers.members)
        for attacker in ending:
            attacker.popen.stdin.close()
        limit = time.monotonic() + 3
        for attacker in ending:
            while attacker.alive() and time.monotonic() < limit:
                time.sleep(0.01)
            attacker.end()
            self.attackers.members.remove(attacker)
            self.note(attacker)

    def note(self, attacker):
        """What it has written."""
        with open(attacker.log_path, encoding="utf-8", errors="replace") as log:
            text = log.read()
        for line in text.splitlines():
            words = line.split(" ", 3)
            if words[0] == "offered":
                self.offered[attacker.kind] = line.split(" ", 1)[1]
            elif words[0] == "begin":
                self.begun.append((attacker.kind, words[1]))
            elif words[0] == "episode":
                self.counts["episodes"] += 1
                self.counts["steps"] += int(words[2])
            elif words[0] == "stuck":
                self.stuck.append(f"{attacker.what}: {line}")
            elif words[0] == "Traceback":
                raise Failed(f"an attacker broke down:\n{text[-2000:]}")

    def watch(self, *watchers):
        self.watchers += watchers

    # What it holds

    def heap(self):
        """Bytes in use; None where the allocator is a sanitizer's, which tells of leaks itself."""
        if self.tools.sanitized:
            return None
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(10)
            link.connect(f"{self.runtime.name}/heap")
            return int(link.recv(64))

    def settle(self):
        """Until the clients of all attackers are gone, with what went with them. Expired tokens take longest."""
        end = time.monotonic() + SETTLE_S
        while len(self.control.ask("get", what="clients")["clients"]) > 1 and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(0.2)

    def holds(self):
        """Activation tokens live for half a minute after their client, and the oldest makes way for what is more than
        TOKENS: two answers can be compared when all of them are there."""
        client = attacks.Client(signatures.read(self.tools.xml), self.socket("public"))
        attacks.some_tokens(client, client.bind("xdg_activation_v1"), TOKENS)
        client.close()
        self.settle()
        return {"heap": self.heap(), "fds": open_fds(self.pid), "mapped": mapped_bytes(self.pid)}


def judge_witness(frames, begin_ns, end_ns, watches, missed_at=None):
    """(presented, missed, late, starved) of the time between; see above. `missed_at` gets (ns before, ns after, gap)."""
    def waited(since_ns, until_ns):
        return max(watch.between(since_ns, until_ns) for watch in watches)

    presented = missed = late = starved = 0
    last, waiting = None, None
    for frame in frames:
        waiting = waiting or frame
        if frame.presented <= 0:
            continue
        presented += begin_ns <= frame.presented <= end_ns
        if last is not None:
            gap = figures.refreshes_missed(last.presented, frame.presented, PERIOD_NS, begin_ns, end_ns)
            if gap == 0:
                pass
            elif figures.is_late(waiting, PERIOD_NS):
                late += gap
            elif waited(last.presented, frame.presented) > STARVED_NS:
                starved += gap
            else:
                missed += gap
                if missed_at is not None:
                    missed_at.append((last.presented, frame.presented, gap))
        last, waiting = frame, None
    if last is not None and last.presented < end_ns - 2 * PERIOD_NS:
        gap = figures.refreshes_missed(last.presented, end_ns, PERIOD_NS, begin_ns, end_ns)
        if waited(last.presented, end_ns) > (end_ns - last.presented) / 2:
            starved += gap
        else:
            missed += gap
    return presented, missed, late, starved


def judge_pings(ping, waits):
    """(longest answer in s, hangs)."""
    answers = list(ping.answers)
    if ping.fault is not None and ping.asked_ns is not None:
        answers.append((ping.asked_ns, time.monotonic_ns()))
    longest, hangs = 0.0, 0
    for asked_ns, answered_ns in answers:
        took = (answered_ns - asked_ns - waits.between(asked_ns, answered_ns)) / 1e9
        longest = max(longest, took)
        hangs += took > HANG_S
    return longest, hangs


SANITIZER = re.compile(r"ERROR: (Address|Leak)Sanitizer|runtime error:|AddressSanitizer:DEADLYSIGNAL|Assertion .* failed")


def complaints(text):
    """What a sanitizer or an assert said: each place once, with where it was called from."""
    lines, found = text.splitlines(), {}
    for number, line in enumerate(lines):
        if SANITIZER.search(line):
            calls = [call for call in lines[number + 1:number + 40] if re.match(r"\s+#\d+ |(SUMMARY|READ|WRITE|Direct)", call)]
            found.setdefault(line.split(": ")[0] + line[-60:], "\n".join([line, *calls[:12]]))
    return "\n".join(found.values()) or None

