"""A cockpit under binnacle-guard, and the faults that it is to survive."""
import os
import pathlib
import re
import resource
import signal
import socket
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from rig import Connection, DEADLINE_S, environment, until  # noqa: E402 # pylint: disable=wrong-import-position

LAYOUT = """binnacle: 1
displays:
  left: { match: { connector: DP-1 }, mode: 320x200@60, size-mm: [160, 100], criticality: safety }
occupants:
  driver: { displays: left }
zones:
  main: { display: left, rect: full, layer: app, grant: [probe, "*"], empty: "#102030" }
apps:
  probe: { exec: [binnacle-probe, --app-id, probe, --color, "2040a0"], start: boot, home: main }
"""
EMPTY = LAYOUT[:LAYOUT.index("apps:")].replace("probe, ", "")

# A gate before the compositor: it waits there when told to, so that "in between" lasts as long as a test likes.
GATE = """#!/bin/sh
[ ! -e "$GATE.closed" ] || read -r _ <"$GATE"
exec "$@"
"""


class Guarded:
    """binnacle-guard with a headless binnacle. Its log is a file."""

    def __init__(self, stage, guard, *options, name="cockpit", layout=None, preload=None, timeout_ms=20000, command=None):
        self.stage, self.name = stage, name
        self.log = stage.path / f"{name}-{len(list(stage.path.glob('*.log')))}.log"
        self.control = stage.runtime / f"{name}.ctl"
        self.gate = stage.path / f"{name}.gate"
        if not self.gate.exists():
            os.mkfifo(self.gate)
        script = stage.write("gate.sh", GATE)
        script.chmod(0o700)
        env = environment(stage.runtime, GATE=self.gate)
        env["PATH"] = f"{pathlib.Path(stage.probe).parent}:{env['PATH']}"
        run = command or [script, *(["env", f"LD_PRELOAD={preload}"] if preload else []), stage.binnacle, "--layout",
                          layout or stage.write("guarded.yaml", LAYOUT), "--backend", "headless", "--recorder", "none"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                list(map(str, [guard, "--screen", "none", "--socket", name, "--timeout", timeout_ms, *options, "--",
                               *run])),
                env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=stage.path)
        stage.open.callback(self.close)
        self.connection = None

    def close(self):
        self.disconnect()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        # Without its guard a compositor goes on.
        for pid in self.pids():
            with_name = pathlib.Path(f"/proc/{pid}/cmdline")
            if with_name.exists() and str(self.stage.path).encode() in with_name.read_bytes():
                os.kill(pid, signal.SIGKILL)

    def said(self):
        return self.log.read_text(errors="replace")

    def pids(self):
        return [int(pid) for pid in re.findall(r"^binnacle-guard: start \d+: .* is pid (\d+)$", self.said(), re.M)]

    def pid(self):
        return self.pids()[-1]

    def starts(self):
        return len(self.pids())

    def says(self, pattern, count=1):
        until(f"{pattern!r} in the log", lambda: len(re.findall(pattern, self.said())) >= count)

    def close_gate(self):
        pathlib.Path(f"{self.gate}.closed").touch()

    def open_gate(self):
        def let_through():
            try:
                fd = os.open(self.gate, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                return False  # nobody waits there yet
            pathlib.Path(f"{self.gate}.closed").unlink()
            os.write(fd, b"\n")
            os.close(fd)
            return True
        until("a compositor waits at the gate", let_through)

    def disconnect(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def connect(self):
        self.disconnect()

        def try_it():
            assert self.process.poll() is None, f"the guard ended with {self.process.returncode}:\n{self.said()}"
            try:
                self.connection = Connection(self.control)
            except OSError:
                return False
            return True
        until("a control socket", try_it)

    def ask(self, do, **members):
        return self.connection.ask(do, **members)

    def zone(self, name):
        return next(zone for zone in self.ask("get", what="zones")["zones"] if zone["name"] == name)

    def guard_stats(self):
        return self.ask("stats").get("guard")

    def shows(self, app, zone="main"):
        """Until the app of that name is in the zone."""
        until(f"{app} in {zone}", lambda: self.zone(zone)["content"] == "view" and self.zone(zone)["app_id"] == app)

    def up(self, start):
        """Until compositor number `start` answers; its connection is the one that `ask` uses."""
        until(f"start {start}", lambda: self.starts() >= start)
        self.connect()
        assert self.guard_stats()["watching"], self.said()

    def limit(self, kind, soft):
        _, hard = resource.prlimit(self.pid(), kind)
        resource.prlimit(self.pid(), kind, (soft, hard))


# The guard's side of the line, written a second time (core/guard_message.h).
MESSAGE = struct.Struct("=IIIIiiIIqq16s128s")
SOCKET, LOCK, CARD, GO, REDRAW, KEEP, FORGET, PICTURE, GONE, KICK, BUSY = range(1, 12)


class Message:
    """One packet."""

    def __init__(self, data, fds):
        (self.version, self.kind, self.number, self.slot, self.width, self.height, self.stride, self.safety,
         self.sent_ns, self.duration_ns, self.status, name) = MESSAGE.unpack(data)
        self.name = name.split(b"\0")[0].decode()
        self.fd = fds[0] if fds else -1


class Playing:
    """Plays the guard of a headless binnacle."""

    def __init__(self, binnacle, layout, env, log, *arguments):
        self.line, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.line.settimeout(DEADLINE_S)
        self.send(GO, number=1)
        env = dict(env, BINNACLE_GUARD=str(other.fileno()))
        with open(log, "wb") as file:
            self.process = subprocess.Popen(
                list(map(str, [binnacle, "--layout", layout, "--backend", "headless", "--recorder", "none",
                               *arguments])),
                env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file, pass_fds=[other.fileno()])
        other.close()

    def send(self, kind, number=0, name="", version=1):
        self.line.sendall(MESSAGE.pack(version, kind, number, 0, 0, 0, 0, 0, 0, 0, b"", name.encode()))

    def receive(self):
        data, fds, _, _ = socket.recv_fds(self.line, MESSAGE.size, 1)
        assert data, "the compositor hung up"
        return Message(data, fds)

    def until(self, kind, condition=lambda message: True):
        while True:
            message = self.receive()
            if message.kind == kind and condition(message):
                return message
            if message.fd >= 0:
                os.close(message.fd)

    def end(self):
        self.line.close()
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(DEADLINE_S)
