"""One run of one fault: a cockpit of its own, what is done to it, what is seen of it, and when."""
import contextlib
import json
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

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
# pylint: disable=wrong-import-position
import cockpit as design
from picture import Picture
from rig import Connection, environment
from shim import Orders

SETUP_S = 60      # for what has to be there before the fault; only a broken machine needs it
PATIENCE_S = 30   # for what has to follow it, where time is not judged or is late anyway
GLANCE_S = 0.004  # between two looks at the glass
SLOW_GLANCE_S = 0.03  # in the guest, which has one processor for us and the compositor
SOCKET = "f"      # short: paths of sockets have room for 107 bytes


class Missed(Exception):
    """What must follow the fault did not: the mechanism failed. In a control run, that is what must happen."""


class Broken(Exception):
    """The run never came to its fault, or says nothing about it."""


class Client:
    """A program of the campaign's own. What it says is a file, what it is told goes to its standard input."""

    def __init__(self, scene, command, env):
        self.name = pathlib.Path(command[0]).name
        number = len(list(scene.path.glob("client-*.out")))
        self.out = scene.path / f"client-{number}.out"
        with open(self.out, "wb") as out:
            self.process = subprocess.Popen(list(map(str, command)), env=env, stdin=subprocess.PIPE, stdout=out,
                                            stderr=subprocess.STDOUT, cwd=scene.path)

    def said(self):
        return self.out.read_text(errors="replace")

    def count(self, pattern):
        return len(re.findall(pattern, self.said(), re.MULTILINE))

    def tell(self, line):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Scene:
    def __init__(self, kit, row, renderer, off):
        self.kit, self.row, self.renderer, self.off = kit, row, renderer, off
        self.tools, self.backend = kit.tools, row.backend
        self.folder = tempfile.TemporaryDirectory(prefix="bn-f-", dir="/tmp")
        self.path = pathlib.Path(self.folder.name)
        self.runtime = self.path / "run"
        self.runtime.mkdir(mode=0o700)
        self.open = contextlib.ExitStack()
        self.orders = Orders(self.path / "orders") if row.shim else None
        self.process = self.control = self.watch = None
        self.desktop = None        # environment of what we are a window of
        self.strictly_watched = False  # by a guard with its 150 ms
        self.expects_end = False   # the fault ends the compositor itself
        self.over = False          # it has ended, and that was looked at
        self.boxes = {}            # zone -> (display, box in px)
        self.witnesses = {"telltales": design.TELLTALES, "gauges": design.CLUSTER}
        self.events, self.lines = [], []  # (time, event), (time, line of the log)
        self.log, self.log_at, self.log_rest = None, 0, ""
        self.begin = None          # time of the fault, s
        self.undone = None         # time at which it was taken back, s
        self.events_from = self.lines_from = 0
        self.times, self.late, self.photos, self.notes = {}, [], {}, []
        self.missed_before = 0

    # Life and death

    def close(self):
        if self.orders is not None:
            self.orders.give("without-kill", 0)
        for connection in (self.control, self.watch):
            if connection is not None:
                connection.close()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        if self.process is not None:
            self.process.wait()
        self.open.close()
        if self.orders is not None:
            self.orders.close()
        self.folder.cleanup()

    def layout(self):
        layout = design.one_display(self.tools) if self.backend == "nested" else \
            design.three_displays(self.tools, self.backend)
        # The displays here have no second one that would take over what the driver must see.
        for zone in ("telltales", "camera") if self.kit.features.has("proof") else ():
            layout["zones"][zone]["accept-loss"] = "there is no other display for it in this campaign"
        return layout

    def write(self, name, content):
        """A file of the scene; dicts as a layout."""
        path = self.path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1) + "\n")
        return path

    def environment(self, **changes):
        changes.setdefault("LP_NUM_THREADS", "0")
        if self.backend == "drm":
            changes.update(LIBSEAT_BACKEND="seatd", SEATD_SOCK=None)
        return environment(self.runtime, **changes)

    def open_desktop(self):
        """A Wayland desktop in memory; the cockpit becomes its only window, and grim says what it shows."""
        told = self.path / "desktop"
        # cage tells its client, and nobody else, how its socket is called.
        script = f"echo $WAYLAND_DISPLAY >{told}.new; mv {told}.new {told}; exec sleep 100000"
        env = self.environment(WLR_BACKENDS="headless", WLR_RENDERER="pixman", WLR_LIBINPUT_NO_DEVICES="1")
        cage = Client(self, ["cage", "--", "sh", "-c", script], env)
        self.open.callback(cage.end)
        self.until("the desktop", told.exists)
        self.desktop = {"WAYLAND_DISPLAY": told.read_text().strip()}

    def compositor_pid(self):
        """The guard's child, or the compositor itself."""
        for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError, IndexError, ValueError):
                head, rest = entry.read_text().rsplit(")", 1)
                if int(rest.split()[1]) == self.process.pid and head.endswith("(binnacle"):
                    return int(entry.parent.name)
        return self.process.pid

    def command(self, layout, *arguments):
        backend = {"nested": "wayland"}.get(self.backend, self.backend)
        return [self.tools.binnacle, "--layout", layout, "--backend", backend, "--renderer", self.renderer, *arguments]

    def start(self, layout, *arguments, guard=False, patient=False, recorder="none", await_control=True,
              **environment_changes):
        """
        The cockpit, once it answers and the apps that start with it have their windows: who comes last is on top of its
        zone, so an app that is still on its way would cover, later and by chance, what a row puts there.
        """
        path = layout if isinstance(layout, pathlib.Path) else self.write("layout.yaml", layout)
        if self.backend == "nested":
            self.open_desktop()
        changes = {**(self.desktop or {}), **environment_changes}
        if self.orders is not None:
            changes.update(LD_PRELOAD=self.tools.shim, BINNACLE_FAULTS=self.orders.path)
        command = self.command(path, "--recorder", recorder, *([] if guard else ["--socket", SOCKET]), *arguments)
        if guard:
            screen = {"nested": "wayland", "drm": "drm", "headless": "none"}[self.backend]
            # Where its time is not judged, a busy machine must not look like a fault.
            self.strictly_watched = self.kit.judged and not patient
            patience = [] if self.strictly_watched else ["--timeout", 3000, "--start-timeout", 120000]
            command = [self.tools.guard, "--socket", SOCKET, "--screen", screen, *patience, "--", *self.held(map(str, command))]
        self.log = self.path / "binnacle.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(list(map(str, command)), env=self.environment(**changes), cwd=self.path,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if await_control:
            self.until("the cockpit answers", self.connect)
            for name in design.starting(json.loads(path.read_text())):
                self.until(f"{name} has a window", lambda name=name: self.has_window(name))

    def connect(self):
        """Opens both connections; again after a restart."""
        if self.process.poll() is not None:
            raise Broken(f"binnacle ended with {self.process.returncode}:\n{self.log_text()[-1500:]}")
        for connection in (self.control, self.watch):
            if connection is not None:
                connection.close()
        self.control = self.watch = None
        try:
            self.control, self.watch = (Connection(self.runtime / f"{SOCKET}.ctl") for _ in range(2))
            self.watch.ask("watch")
            zones = self.ask("get", what="zones")["zones"]
        except (OSError, AssertionError):
            return False
        self.watch.socket.setblocking(False)
        self.boxes = {zone["name"]: (zone["display"], (zone["x"], zone["y"], zone["width"], zone["height"]))
                      for zone in zones if "x" in zone}
        return len(self.boxes) > 0

    def client(self, mode, *arguments, by="", app_id=None, colour=design.GUEST, **changes):
        """A fault-client; by: the app whose own socket it comes through, "owner", or nobody's."""
        options = ["--app-id", app_id or by or "guest", "--color", f"{colour:06x}"]
        return self.program([self.tools.client, *options, mode, *arguments], by, **changes)

    def probe(self, *arguments, by="", app_id=None, colour=design.GUEST):
        return self.program([self.tools.probe, "--app-id", app_id or by or "guest", "--color", f"{colour:06x}",
                             "--print-events", *arguments], by)

    def program(self, command, by="", **changes):
        env = self.environment(WAYLAND_DISPLAY=SOCKET + ("." + by if by else ""), **changes)
        client = Client(self, command, env)
        self.open.callback(client.end)
        return client

    # What the compositor says

    def ask(self, do, **members):
        if self.control is None:
            raise ConnectionError("there is no compositor to ask")
        return self.control.ask(do, **members)

    def set(self, signal_name, value):
        reply = self.ask("set", signal=signal_name, value=value)
        if not reply["ok"]:
            raise Broken(f"set {signal_name}: {reply}")

    def drive(self, state):
        for name, value in design.STATES[state].items():
            self.set(name, value)

    def get(self, what):
        return self.ask("get", what=what)[what]

    def zone(self, name):
        return next(zone for zone in self.get("zones") if zone["name"] == name)

    def app(self, name):
        return next(app for app in self.get("apps") if app["name"] == name)

    def has_window(self, name):
        return any(view["mapped"] for view in self.app(name)["views"])

    def client_of(self, pid):
        """What the compositor knows of a connected client; None: nothing."""
        return next((client for client in self.get("clients") if client["pid"] == pid), None)

    def stats(self, display):
        return next(output for output in self.ask("stats")["outputs"] if output["display"] == display)

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log is not None else ""

    def pump(self):
        """Takes in what was said since the last time. A compositor that is gone says nothing more."""
        now = time.monotonic()
        watch = self.watch
        while watch is not None:
            try:
                data, _, _, _ = watch.socket.recvmsg(1 << 16, socket.CMSG_LEN(4))
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                self.watch = None
                watch.close()
                break
            watch.rest += data
        while watch is not None and b"\n" in watch.rest:
            line, watch.rest = watch.rest.split(b"\n", 1)
            message = json.loads(line)
            if "event" in message:
                self.events.append((now, message))
        for message in (watch.events if watch is not None else []):
            self.events.append((now, message))
        if watch is not None:
            watch.events = []
        if self.log is None:
            return
        with open(self.log, "rb") as log:
            log.seek(self.log_at)
            data = log.read()
        self.log_at += len(data)
        *lines, self.log_rest = (self.log_rest + data.decode(errors="replace")).split("\n")
        self.lines.extend((now, line) for line in lines)

    # What is on glass

    def glass(self, display):
        """Its picture; None before its first frame."""
        if self.backend == "nested":
            done = subprocess.run(["grim", "-t", "ppm", "-"], env=self.environment(**self.desktop), capture_output=True,
                                  check=False, timeout=30)
            if done.returncode != 0:
                raise Broken(f"grim: {done.stderr.decode(errors='replace')}")
            return Picture.from_ppm(done.stdout)
        reply = self.ask("screenshot", name=display)
        if not reply["ok"]:
            return None
        return Picture.from_fd(self.control.take_fd(), reply["width"], reply["height"], reply["stride"])

    def displays(self):
        return list(dict.fromkeys(display for display, _ in self.boxes.values()))

    def share(self, zone, colour):
        display, box = self.boxes[zone]
        picture = self.glass(display)
        return picture.share(box, colour) if picture is not None else 0.0

    def photo(self, moment):
        """Keeps what all displays show; the page shows it in its row."""
        try:
            pictures = [picture for display in self.displays() if (picture := self.glass(display)) is not None]
        except (OSError, AssertionError, Broken):
            pictures = []
        if not pictures:
            return
        picture = Picture.beside(pictures)
        while picture.width > 1400:
            picture = picture.half()
        name = f"{self.row.name}-{self.renderer}{'-control' if self.off else ''}-{moment}.png"
        (self.kit.pictures / name).write_bytes(picture.png())
        self.photos[moment] = name

    # Conditions: functions that return something true, or the time at which it became so

    def shows(self, zone, colour, share=0.95):
        return lambda: self.share(zone, colour) >= share

    def shows_not(self, zone, colour, share=0.02):
        return lambda: self.share(zone, colour) <= share

    def event(self, kind, fits=lambda message: True):
        """The first such event since the fault."""
        def condition():
            return next((at for at, message in self.events[self.events_from:]
                         if message["event"] == kind and fits(message)), None)
        return condition

    def count_events(self, kind, fits=lambda message: True):
        return sum(message["event"] == kind and fits(message) for _, message in self.events[self.events_from:])

    def zone_event(self, name, **members):
        return self.event("zone", lambda zone: zone["name"] == name and all(zone[key] == value
                                                                           for key, value in members.items()))

    def zone_is(self, name, **members):
        """Told since the fault, or so already: on a machine that is busy it may have been, for another reason."""
        told = self.zone_event(name, **members)
        return lambda: told() or all(self.zone(name)[key] == value for key, value in members.items())

    def logged(self, pattern):
        return lambda: next((at for at, line in self.lines[self.lines_from:] if re.search(pattern, line)), None)

    @staticmethod
    def says(client, pattern):
        return lambda: client.count(pattern) > 0

    def presents(self, display, count):
        """So many more frames come on glass there."""
        wanted = self.stats(display)["presented"] + count
        return lambda: self.stats(display)["presented"] >= wanted

    def answers(self):
        try:
            return self.ask("get", what="layout")["ok"]
        except (OSError, AssertionError):
            return False

    # The course of a run

    def look(self, condition):
        """A condition, of a compositor that may be gone."""
        self.pump()
        try:
            return condition()
        except (OSError, AssertionError, StopIteration) as reason:
            if self.process.poll() is not None and not self.expects_end:
                raise Missed(f"the compositor ended with {self.process.returncode}; "
                             f"{self.log_text()[-300:].strip()}") from reason
            return None

    def rest(self):
        watch = self.watch
        glance = GLANCE_S if self.backend != "drm" else SLOW_GLANCE_S
        select.select([watch.socket] if watch is not None else [], [], [], glance)

    def until(self, what, condition, limit_s=SETUP_S):
        """Before the fault, or beside it: what is merely needed."""
        end = time.monotonic() + limit_s
        while True:
            value = condition() if self.log is None else self.look(condition)
            if value:
                return value
            if time.monotonic() > end:
                raise Broken(f"{what}: not within {limit_s} s\n{self.log_text()[-1500:]}")
            self.rest()

    def ready(self, **zones):
        """All witnesses and these zones show their colours; then what it looks like is kept."""
        wanted = {**self.witnesses, **zones}
        for zone, colour in wanted.items():
            if zone in self.boxes:
                self.until(f"{zone} shows #{colour:06x}", self.shows(zone, colour))
        self.photo("before")
        self.missed_before = self.stats(self.displays()[0])["missed"]

    def inject(self, fault):
        self.pump()
        self.events_from, self.lines_from = len(self.events), len(self.lines)
        self.begin = time.monotonic()
        return fault()

    def undo(self, cure):
        """The fault is taken back: recovery counts from here."""
        self.pump()
        self.undone = time.monotonic()
        return cure()

    def patience_s(self, limit):
        return max(1.0, 2 * limit.ms / 1000) if self.off else max(PATIENCE_S, 2 * limit.ms / 1000)

    def measure(self, phase, what, condition, since):
        limit = getattr(self.row, phase)
        assert limit is not None, f"{self.row.name} has no limit for {phase}"
        end = time.monotonic() + self.patience_s(limit)
        while True:
            at = self.look(condition)
            if at:
                break
            if time.monotonic() > end:
                raise Missed(f"{phase}: {what}: not within {self.patience_s(limit):.1f} s")
            self.rest()
        seen = at if isinstance(at, float) else time.monotonic()
        milliseconds = max(0.0, seen - since) * 1000
        self.times[phase] = max(milliseconds, self.times.get(phase, 0))
        if milliseconds > limit.ms:
            self.late.append(f"{phase}: {what}: {milliseconds:.0f} ms, limit {limit.ms} ms")

    def detect(self, what, condition):
        self.measure("detect", what, condition, self.begin)

    def react(self, what, condition):
        self.measure("react", what, condition, self.begin)
        self.photo("during")

    def recover(self, what, condition):
        self.measure("recover", what, condition, self.undone or self.begin)
        self.photo("after")

    def require(self, what, holds):
        """What must be true by now: whatever it depends on has been waited for."""
        self.pump()
        if not holds:
            raise Missed(what)

    def finish(self):
        """Whatever the fault was: who did not take part is as before, and the cockpit ends when asked to."""
        if self.over:
            return
        for zone, colour in self.witnesses.items():
            if zone in self.boxes:
                self.measure_end(f"{zone} as before", self.shows(zone, colour))
        if "after" not in self.photos:
            self.photo("after")
        missed = self.stats(self.displays()[0])["missed"] - self.missed_before
        if missed:
            self.notes.append(f"{missed} missed refreshes of the safety display")
        self.process.terminate()
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired as reason:
            raise Missed("the compositor does not end when it is asked to") from reason
        if status != 0:
            raise Missed(f"the compositor ended with {status}: {self.log_text()[-300:].strip()}")

    def measure_end(self, what, condition):
        end = time.monotonic() + (2 if self.off else PATIENCE_S)
        while not self.look(condition):
            if time.monotonic() > end:
                raise Missed(f"at the end: {what}")
            self.rest()

    # Apps, and a compositor under its guard, that take their time to come back

    def held(self, command):
        """
        The command, which takes half a second to start again, so that what is shown meanwhile can be seen; where
        time is not judged, until it is let go.
        """
        if not (self.path / "gate").exists():
            os.mkfifo(self.path / "gate")
        wait = "sleep 0.5" if self.kit.judged else "read -r _ <gate"
        return ["sh", "-c", f'[ ! -e started ] || {wait}; : >started; exec "$@"', "sh", *command]

    @staticmethod
    def is_gone(pid):
        """Or as good as: whoever should bury it takes his time. Its locks and sockets go with the last of its threads."""
        try:
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            return state == "Z" and len(os.listdir(f"/proc/{pid}/task")) == 1
        except OSError:
            return True

    def let_go(self):
        if self.kit.judged:
            return

        def open_gate():
            # Whoever opens a gate that nobody waits at must not wait himself.
            fd = os.open(self.path / "gate", os.O_RDWR | os.O_NONBLOCK)
            os.write(fd, b"go\n")
            self.open.callback(os.close, fd)
        self.undo(open_gate)
