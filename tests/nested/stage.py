"""A real binnacle with real programs around it: what the tests of nested/ and apps/ share.

Everything lives in a private runtime folder. Waiting is for a condition, with a deadline
that only a fault reaches; nothing sleeps in the hope that it was long enough.
"""
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

DEADLINE_S = float(os.environ.get("BINNACLE_TEST_DEADLINE_S", "60"))
LOOK_AGAIN_S = 0.05


class Failed(Exception):
    """An expectation that did not come true; its text says which."""


class Skipped(Exception):
    """A case that cannot be run here; its text says why."""


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Skipped(f"{program} is not installed")


def wait(condition, what, deadline_s=DEADLINE_S):
    """Looks until `condition` returns something true, and returns it."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {deadline_s:g} s")
        select.select([], [], [], LOOK_AGAIN_S)


class Program:
    """A child with its own log; ended, by its id, at the latest with the stage."""

    def __init__(self, stage, name, command, **options):
        self.name = name
        self.log_path = stage.path(f"{name}.log")
        self.log = open(self.log_path, "wb")
        environment = dict(stage.environment, **options.pop("env", {}))
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
            env=environment, start_new_session=True, **options)

    def alive(self):
        return self.process.poll() is None

    def end(self, number=signal.SIGTERM, deadline_s=20):
        """Its exit status; None when it had to be killed."""
        if self.alive():
            os.killpg(self.process.pid, number)
        try:
            status = self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            status = None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.log.close()
        return status

    def said(self):
        with open(self.log_path, "rb") as log:
            return log.read().decode(errors="replace")


class Stage:
    """A runtime folder, tools, and the programs that were started in it."""

    def __init__(self, name, tools, output):
        self.tools = tools
        self.folder = os.path.join(output, name)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        # Short, since a socket's path has room for 107 bytes.
        self.runtime = tempfile.mkdtemp(prefix="bn-", dir="/tmp")
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.runtime, HOME=self.runtime,
                                XDG_CACHE_HOME=os.path.join(self.runtime, "cache"),
                                XDG_CONFIG_HOME=os.path.join(self.runtime, "config"))
        for variable in ("WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY", "BINNACLE_SOCKET",
                         "DBUS_SESSION_BUS_ADDRESS"):
            self.environment.pop(variable, None)
        folders = {os.path.dirname(tool) for tool in tools.values()}
        self.environment["PATH"] = os.pathsep.join([*folders, self.environment.get("PATH", "")])
        self.programs = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def start(self, name, command, **options):
        program = Program(self, name, command, **options)
        self.programs.append(program)
        return program

    def close(self):
        for program in reversed(self.programs):
            program.end()
        shutil.rmtree(self.runtime, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.close()

    def pixels(self, *args):
        done = subprocess.run([self.tools["pixels"], *map(str, args)], capture_output=True,
                              text=True, check=False)
        if done.returncode not in (0, 1):
            raise Failed(done.stderr.strip())
        return done.stdout.split()


class Binnacle:
    """A running compositor on a stage, steered as a person would: with binnaclectl."""

    def __init__(self, stage, layout, *arguments, name="binnacle", env=None):
        self.stage = stage
        self.socket = f"{name}-0"
        self.program = stage.start(name, [
            stage.tools["binnacle"], "--layout", layout, "--socket", self.socket, *arguments],
            env=env or {})
        wait(self._answers, f"{name} opens its control socket")

    def _answers(self):
        if not self.program.alive():
            raise Failed(f"binnacle ended at once:\n{self.program.said()}")
        return self.ctl("get", "layout", check=False).returncode == 0

    def ctl(self, *arguments, check=True):
        done = subprocess.run(
            [self.stage.tools["binnaclectl"], "--socket", self.socket, *map(str, arguments)],
            capture_output=True, text=True, env=self.stage.environment, check=False, timeout=120)
        if check and done.returncode != 0:
            raise Failed(f"binnaclectl {' '.join(map(str, arguments))}: {done.stderr.strip()}\n"
                         f"{self.program.said()[-2000:]}")
        return done

    def get(self, noun):
        return json.loads(self.ctl("--json", "get", noun).stdout)[noun]

    def get_stats(self):
        return json.loads(self.ctl("--json", "stats").stdout)

    def zones(self):
        return {zone["name"]: zone for zone in self.get("zones")}

    def screenshot(self, what, name):
        path = self.stage.path(name)
        self.ctl("screenshot", what, path)
        return path

    def share(self, what, color, rect="all", tolerance=8, name=None):
        """How much of a zone or display has a colour, 0..1."""
        path = self.screenshot(what, name or f"{what}.png")
        return float(self.stage.pixels("share", path, rect, color, tolerance)[0])

    def colors(self, what, name=None):
        path = self.screenshot(what, name or f"{what}.png")
        return int(self.stage.pixels("colors", path, "all")[0])

    def end(self):
        self.ctl("quit", check=False)
        return self.program.end()


def run(cases):
    """Runs (name, function) one after another; prints TAP. A function takes nothing."""
    print(f"1..{len(cases)}", flush=True)
    failed = 0
    for number, (name, function) in enumerate(cases, 1):
        try:
            function()
            line = f"ok {number} - {name}"
        except Skipped as why:
            line = f"ok {number} - {name} # SKIP {why}"
        except Failed as why:
            failed += 1
            print("# " + str(why).replace("\n", "\n# "))
            line = f"not ok {number} - {name}"
        print(line, flush=True)
    sys.exit(1 if failed else 0)


def tools_from(arguments):
    """NAME=PATH... as tools, and output=FOLDER."""
    tools = dict(argument.split("=", 1) for argument in arguments)
    output = tools.pop("output")
    return tools, output
