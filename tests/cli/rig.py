"""A real binnacle in a runtime folder of its own, and a controller that speaks its lines."""
import array
import contextlib
import json
import mmap
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

DEADLINE_S = 30  # for whatever must happen; only a failure ever waits that long
LOG_LINE = re.compile(r"^\d\d:\d\d:\d\d\.\d{3} \[(ERROR|INFO|DEBUG)\] ")

LAYOUT = """binnacle: 1
displays:
  left: { match: { connector: DP-1 }, mode: 320x200@60, size-mm: [160, 100] }
occupants:
  driver: { displays: left }
zones:
  main: { display: left, rect: full, layer: app, grant: ["*"], empty: "#102030" }
"""


def until(what, condition, limit_s=DEADLINE_S):
    """Polls until condition() is true and returns that; fails loudly at the deadline."""
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {limit_s} s")
        time.sleep(0.005)


def environment(runtime, **changes):
    """Ours without any desktop or compositor; None takes a variable away."""
    env = {key: value for key, value in os.environ.items()
           if key not in ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "BINNACLE_SOCKET", "BINNACLE_APP")}
    # No seat, wherever the test runs: it must never take somebody's screen.
    env.update(LIBSEAT_BACKEND="seatd", SEATD_SOCK="/nonexistent/seatd.sock", XDG_RUNTIME_DIR=str(runtime),
               XDG_STATE_HOME=str(runtime / "state"))
    env.update({key: str(value) for key, value in changes.items() if value is not None})
    for key in [key for key, value in changes.items() if value is None]:
        env.pop(key, None)
    return env


class Skip(Exception):
    """Raised by a case that cannot be run here: why."""


class Ended:
    """How a program ended, and what it said."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err
        lines = [line for line in err.splitlines() if line and not LOG_LINE.match(line)]
        self.sentences = [line for line in lines if line.startswith("binnacle: ")]
        self.others = [line for line in lines if not line.startswith("binnacle: ")]


class Stage:
    """A folder for files, a runtime folder, and every process that was started in it."""

    def __init__(self, binnacle, ctl, *_):
        self.binnacle, self.ctl = binnacle, ctl
        self.folder = tempfile.TemporaryDirectory(prefix="bn-cli-")
        self.path = pathlib.Path(self.folder.name)
        self.runtime = self.path / "run"
        self.runtime.mkdir(mode=0o700)
        self.layout = self.write("layout.yaml", LAYOUT)
        self.open = contextlib.ExitStack()

    def close(self):
        self.open.close()
        self.folder.cleanup()

    def write(self, name, text):
        path = self.path / name
        path.write_text(text)
        return path

    def run(self, *arguments, env=None, program=None):
        """Runs a program to its end."""
        done = subprocess.run([program or self.binnacle, *map(str, arguments)], env=env or environment(self.runtime),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=self.path,
                              timeout=DEADLINE_S)
        return Ended(done.returncode, done.stdout, done.stderr)

    def cockpit(self, *arguments):
        """Runs binnacle with our layout, headless, to its end."""
        return self.run("--layout", self.layout, "--backend", "headless", *arguments)

    def control(self, *arguments, socket_name=None):
        """Runs binnaclectl to its end."""
        env = environment(self.runtime, BINNACLE_SOCKET=socket_name and self.runtime / f"{socket_name}.ctl")
        return self.run(*arguments, env=env, program=self.ctl)

    def start(self, *arguments, name="cockpit", layout=None, env=None, **popen):
        """Starts binnacle and returns once it answers; `popen` goes to subprocess.Popen."""
        return self.open.enter_context(Running(self, arguments, name, layout or self.layout, env, popen))

    def watch(self, *arguments):
        """Starts `binnaclectl watch` and returns its lines as they come."""
        return self.open.enter_context(Lines(self, arguments))


class Running:
    """A binnacle that runs. Its log is a file, so that nobody has to read it."""

    def __init__(self, stage, arguments, name, layout, env, popen):
        self.log = stage.path / f"{name}-{len(list(stage.path.glob('*.log')))}.log"
        self.control = stage.runtime / f"{name}.ctl"
        command = [stage.binnacle, "--layout", layout, "--backend", "headless", "--socket", name,
                   "--recorder", "none", *arguments]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(list(map(str, command)), env=env or environment(stage.runtime),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=stage.path, **popen)
        self.connection = None
        until("a control socket", self.connect)
        # Its loop runs only once it answers.
        assert self.ask("get", what="layout")["ok"], self.said()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.connection is not None:
            self.connection.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def connect(self):
        assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.said()}"
        try:
            self.connection = Connection(self.control)
        except OSError:
            return False
        return True

    def said(self):
        return self.log.read_text(errors="replace")

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)

    def ask(self, do, **members):
        return self.connection.ask(do, **members)

    def picture(self, name):
        """What is on glass there: rows of 0xRRGGBB; none before its first frame."""
        reply = self.ask("screenshot", name=name)
        if "has not shown anything yet" in reply.get("error", ""):
            return []
        assert reply["ok"], reply
        fd = self.connection.take_fd()
        try:
            with mmap.mmap(fd, reply["stride"] * reply["height"], prot=mmap.PROT_READ) as mapped:
                pixels = array.array("I", mapped[:])
        finally:
            os.close(fd)
        step = reply["stride"] // 4
        return [[pixel & 0xffffff for pixel in pixels[y * step:y * step + reply["width"]]]
                for y in range(reply["height"])]

    def pixel(self, name, x, y):
        """One of them; None beyond the picture's edge."""
        rows = self.picture(name)
        return rows[y][x] if y < len(rows) and x < len(rows[y]) else None

    def colours(self, name):
        return set().union(*self.picture(name))


class Connection:
    """One controller: requests and their replies, and events in between."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(DEADLINE_S)
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise
        self.rest, self.fds, self.events, self.number = b"", [], [], 0

    def close(self):
        self.socket.close()
        for fd in self.fds:
            os.close(fd)

    def take_fd(self):
        return self.fds.pop(0)

    def read(self):
        while b"\n" not in self.rest:
            data, ancillary, _, _ = self.socket.recvmsg(65536, socket.CMSG_LEN(4))
            assert data, "the compositor hung up"
            for level, kind, content in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    self.fds.extend(array.array("i", content))
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def ask(self, do, **members):
        self.number += 1
        self.socket.sendall(json.dumps({"id": self.number, "do": do, **members}).encode() + b"\n")
        while True:
            message = self.read()
            if "event" not in message:
                assert message["id"] == self.number, message
                return message
            self.events.append(message)

    def event(self, *kinds):
        """The next event of these kinds; others before it are passed over."""
        while True:
            message = self.events.pop(0) if self.events else self.read()
            if message.get("event") in kinds:
                return message


class Lines:
    """What `binnaclectl watch` prints, line by line."""

    def __init__(self, stage, arguments):
        self.process = subprocess.Popen([stage.ctl, *arguments, "watch"], env=environment(stage.runtime),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def next(self):
        end = time.monotonic() + DEADLINE_S
        while b"\n" not in self.rest:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            assert ready, f"watch: no line within {DEADLINE_S} s; so far: {self.rest!r}"
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, "watch: it ended"
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode()

    def until(self, pattern):
        while True:
            line = self.next()
            if re.search(pattern, line):
                return line


def same(got, wanted, what):
    assert got == wanted, f"{what}: {got!r}, not {wanted!r}"


def main(cases, arguments):
    """Runs each case on a stage of its own and speaks TAP."""
    failed = 0
    for number, case in enumerate(cases, 1):
        name = case.__name__.replace("_", "-")
        stage = Stage(*arguments)
        skipped = ""
        try:
            case(stage)
            fault = None
        except Skip as reason:
            fault, skipped = None, f" # SKIP {reason}"
        except Exception:  # pylint: disable=broad-except
            fault = traceback.format_exc()
            for log in stage.path.glob("*.log"):
                fault += f"\n{log.name}:\n" + log.read_text(errors="replace")[-4000:]
        finally:
            stage.close()
        failed += fault is not None
        print(f"{'not ok' if fault else 'ok'} {number} - {name}{skipped}")
        for line in (fault or "").splitlines():
            print(f"# {line}")
        sys.stdout.flush()
    print(f"1..{len(cases)}")
    return 1 if failed else 0
