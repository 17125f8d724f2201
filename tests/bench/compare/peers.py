"""The compositors, and how each is started headless with the same displays and one app on each.

All of them compose: wlroots' headless back end would scan a full-screen buffer out otherwise, so that
nothing is drawn and a frame costs next to nothing. Binnacle composes always.

Where an app goes is decided by its app_id: bench-cluster, bench-center, bench-passenger. Everything else
goes to the center.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from processes import Failed, Group, Process

HERE = pathlib.Path(__file__).resolve().parent
START_LIMIT_S = 20
DISPLAYS = {"cluster": (1920, 720), "center": (1920, 1080), "passenger": (1920, 1080)}
COLORS = {"cluster": "cc3322", "center": "22aa44", "passenger": "3344cc"}


def clean_environment(runtime, **more):
    env = {key: value for key, value in os.environ.items()
           if key in ("PATH", "LANG", "TERM", "LD_LIBRARY_PATH")}
    env.update(XDG_RUNTIME_DIR=runtime, HOME=runtime, XDG_CONFIG_HOME=runtime + "/config",
               XDG_CACHE_HOME=runtime + "/cache", LIBSEAT_BACKEND="seatd", SEATD_SOCK="/nonexistent",
               GSETTINGS_BACKEND="memory")
    env.update(more)
    return env


class Peer:
    """What is known of a compositor before it runs."""
    name = renderer = ""
    displays = list(DISPLAYS)
    gles = False  # draws with GLES; compared with its like
    socket = "wayland-0"

    def program(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def prepare(self, session):
        """Writes what it reads at its start."""

    def command(self, session):
        raise NotImplementedError

    def settle(self, session):
        """What must be done once it runs."""

    def socket_for(self, display):  # pylint: disable=unused-argument
        return self.socket

    def picture(self, session, display, path):
        """What that display shows, as a PNG at path, by the compositor's own means."""
        index = list(DISPLAYS).index(display) + 1
        session.run(["grim", "-o", f"HEADLESS-{index}", path])


class Wlroots(Peer):
    renderer = "pixman"

    def program(self):
        return self.name

    def environment(self):
        return {"WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": self.renderer,
                "WLR_HEADLESS_OUTPUTS": str(len(self.displays)), "WLR_SCENE_DISABLE_DIRECT_SCANOUT": "1"}


class Sway(Wlroots):
    name, socket = "sway", "wayland-1"

    def prepare(self, session):
        lines, x = ["default_border none", "xwayland disable", "focus_follows_mouse no"], 0
        for number, (display, (width, height)) in enumerate(DISPLAYS.items(), 1):
            output = f"HEADLESS-{number}"
            lines += [f"output {output} mode --custom {width}x{height}@60Hz position {x} 0",
                      f"workspace {number} output {output}",
                      f'assign [app_id="^bench-{display}$"] workspace number {number}']
            x += width
        lines += ['assign [app_id="^bench-other$"] workspace number 2', 'for_window [app_id=".*"] fullscreen enable']
        session.write("sway.config", "\n".join(lines) + "\n")

    def command(self, session):
        return ["sway", "--config", session.path("sway.config")]


def set_modes(session):
    """wlroots' headless displays have no configuration of their own."""
    command, x = ["wlr-randr"], 0
    for number, display in enumerate(session.peer.displays, 1):
        width, height = DISPLAYS[display] if len(session.peer.displays) > 1 else DISPLAYS["center"]
        command += ["--output", f"HEADLESS-{number}", "--custom-mode", f"{width}x{height}@60", "--pos", f"{x},0"]
        x += width
    session.run(command)


class Labwc(Wlroots):
    name = "labwc"

    def prepare(self, session):
        rules = ""
        for number, display in enumerate(DISPLAYS, 1):
            rules += (f'<windowRule identifier="bench-{display}" serverDecoration="no">'
                      f'<action name="MoveToOutput" output="HEADLESS-{number}"/><action name="ToggleFullscreen"/>'
                      '</windowRule>')
        rules += ('<windowRule identifier="bench-other" serverDecoration="no">'
                  '<action name="MoveToOutput" output="HEADLESS-2"/><action name="ToggleFullscreen"/></windowRule>')
        session.write("labwc/rc.xml", f"<labwc_config><windowRules>{rules}</windowRules></labwc_config>\n")

    def command(self, session):
        return ["labwc", "--config-dir", session.path("labwc")]

    def settle(self, session):
        set_modes(session)


class Cage(Wlroots):
    """One display, one app: a kiosk. It is measured alone, and never beside cells of three displays."""
    name = "cage"
    displays = ["center"]

    def command(self, session):
        # cage ends with its child.
        return ["cage", "--", "sleep", "86400"]

    def settle(self, session):
        set_modes(session)

    def picture(self, session, display, path):
        session.run(["grim", path])


class Weston(Peer):
    socket = "bench"

    def __init__(self, renderer):
        self.name, self.renderer, self.gles = f"weston-{renderer}", renderer, renderer == "gl"

    def program(self):
        return "weston"

    def environment(self):
        return {"LD_PRELOAD": str(tool("bench-outputs")), "BENCH_OUTPUTS": ",".join(self.displays)}

    def prepare(self, session):
        text = "[core]\nidle-time=0\nrequire-input=false\nxwayland=false\n"
        for display in self.displays:
            width, height = DISPLAYS[display]
            ids = f"bench-{display}" + (",bench-other" if display == "center" else "")
            text += f"[output]\nname={display}\nmode={width}x{height}\napp-ids={ids}\n"
        session.write("weston.ini", text)

    def command(self, session):
        return ["weston", "--backend=headless", f"--renderer={self.renderer}", "--shell=kiosk", "--refresh-rate=60000",
                f"--socket={self.socket}", f"--config={session.path('weston.ini')}",
                f"--log={session.path('weston.log')}", *(["--debug"] if session.proof else [])]

    def picture(self, session, display, path):
        """One picture of all displays side by side, in the order of their names in weston.ini."""
        folder = pathlib.Path(session.path("shot"))
        folder.mkdir(exist_ok=True)
        session.run(["weston-screenshooter"], cwd=folder)
        shutil.move(next(folder.glob("*.png")), path)


class Binnacle(Peer):
    socket = "bench"

    def __init__(self, renderer):
        self.name, self.renderer, self.gles = f"binnacle-{renderer}", renderer, renderer == "gles"

    def program(self):
        return "binnacle"

    def command(self, session):
        layout = session.layout or HERE.parent / "layouts" / "three.yaml"
        return ["binnacle", "--layout", layout, "--backend", "headless", "--renderer", self.renderer,
                "--socket", self.socket]

    def socket_for(self, display):
        # Who connects to an app's own socket is that app.
        return f"{self.socket}.bench-{display}" if display == "cluster" else self.socket

    def picture(self, session, display, path):
        session.run(["binnaclectl", "screenshot", display, path],
                    env=dict(session.env, BINNACLE_SOCKET=f"{session.runtime}/{self.socket}.ctl"))


PEERS = [Binnacle("auto"), Binnacle("gles"), Weston("gl"), Weston("pixman"), Sway(), Labwc(), Cage()]


def tool(name):
    """A program or module of the bench, where it was built."""
    build = pathlib.Path(os.environ["BENCH_BUILD"]) / "tests" / "bench"
    found = [path for path in (build / name, build / f"lib{name}.so") if path.exists()]
    if not found:
        raise Failed(f"{name} is not built in {build}")
    return found[0]


class Session:
    """A running compositor in a runtime folder of its own, and the probes at it."""

    def __init__(self, peer, folder, layout=None, proof=False):
        self.peer, self.layout, self.proof = peer, layout, proof
        self.folder = pathlib.Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.runtime = tempfile.mkdtemp(prefix="bench-", dir="/tmp")  # short: a socket's path has 107 bytes
        self.env = clean_environment(self.runtime, WAYLAND_DISPLAY=peer.socket)
        self.group = Group()
        self.compositor = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.group.end()
        if self.compositor is not None:
            self.compositor.end()
        # What Binnacle's flight recorder says of a missed frame.
        for record in pathlib.Path(self.runtime).glob(".local/state/binnacle/miss-*.json"):
            shutil.move(record, self.folder / record.name)
        shutil.rmtree(self.runtime, ignore_errors=True)

    def path(self, name):
        return str(self.folder / name)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def exec(self):
        """Starts the compositor and returns at once."""
        self.peer.prepare(self)
        env = clean_environment(self.runtime, **self.peer.environment())
        self.compositor = Process(self.peer.command(self), env, self.path("compositor.log"))

    def start(self):
        """Starts the compositor and returns when it listens and is set up."""
        self.exec()
        end = time.monotonic() + START_LIMIT_S
        while not self.listens():
            if not self.compositor.alive() or time.monotonic() > end:
                raise Failed(f"{self.peer.name} does not start: {self.compositor.said()[-400:]}")
            time.sleep(0.002)
        self.peer.settle(self)

    def listens(self):
        """Its socket is there a moment before it can be connected to."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            return client.connect_ex(f"{self.runtime}/{self.peer.socket}") == 0

    def run(self, command, cwd=None, env=None):
        """A program to its end; its failure is the cell's."""
        try:
            done = subprocess.run(list(map(str, command)), env=env or self.env, cwd=cwd, capture_output=True,
                                  text=True, timeout=START_LIMIT_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failed(f"{command[0]}: {error}") from error
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))}: {(done.stderr or done.stdout).strip()[-300:]}")
        return done.stdout

    def probe(self, display, mode, *arguments, app_id=None, expect=True):
        """Starts a probe that is to be on that display."""
        only = len(self.peer.displays) == 1
        width, height = DISPLAYS["center" if only else display]
        command = [tool("bench-probe"), "--mode", mode, "--app-id", app_id or f"bench-{display}",
                   "--color", COLORS[display], *arguments]
        if expect:
            command += ["--expect", f"{width}x{height}"]
        env = dict(self.env, WAYLAND_DISPLAY=self.peer.socket_for(display))
        return self.group.add(Process(command, env, self.path("probes.log")))
