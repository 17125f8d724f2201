"""binnacle in a window: the desktop's own screenshot equals ours, pixel by pixel.

python3 nested_test.py binnacle=PATH binnaclectl=PATH probe=PATH pixels=PATH output=FOLDER
"""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import Binnacle, Failed, Stage, need, run, tools_from, wait  # noqa: E402

TOOLS, OUTPUT = tools_from(sys.argv[1:])

LAYOUT = """\
binnacle: 1
displays:
  center: { mode: MODE@60, size-mm: [344, 194] }
zones:
  back: { display: center, rect: full, layer: background, empty: "#203040" }
  round: { display: center, rect: [20, 20, 300, 200], empty: builtin:logo, radius: 32 }
  glass: { display: center, rect: [60, 120, 300, 200], empty: "#ff8000c0", radius: 12, opacity: 0.7 }
  app: { display: center, rect: [50%, 10%, 45%, 80%], grant: probe, empty: "#400000", radius: 40 }
apps:
  probe: { exec: [binnacle-probe, --app-id, probe, --subsurface, --color, 4080c0], start: boot, home: app }
"""


class Cage:
    """A Wayland desktop with one output, in memory."""

    backend = "wayland"

    def __init__(self, stage):
        need("cage", "grim")
        self.stage = stage
        environment = {"WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1"}
        # cage tells its client, and nobody else, how its socket is called.
        told = stage.path("cage-display")
        self.program = stage.start(
            "cage", ["cage", "--", "sh", "-c", f"echo $WAYLAND_DISPLAY > {told}.new && "
                     f"mv {told}.new {told} && exec sleep 100000"], env=environment)
        wait(lambda: os.path.exists(told), "cage has a socket")
        with open(told, encoding="utf-8") as file:
            self.environment = {"WAYLAND_DISPLAY": file.read().strip()}

    def screenshot(self):
        path = self.stage.path("desktop.png")
        done = subprocess.run(["grim", path], env=dict(self.stage.environment, **self.environment),
                              capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            raise Failed(f"grim: {done.stderr}")
        return path


class Xvfb:
    """An X11 desktop in memory, with its screen in a file."""

    backend = "x11"

    def __init__(self, stage):
        need("Xvfb")
        self.stage = stage
        read_end, write_end = os.pipe()
        self.program = stage.start(
            "xvfb", ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x800x24", "-nolisten", "tcp",
                     "-fbdir", stage.folder], pass_fds=[write_end])
        os.close(write_end)
        with os.fdopen(read_end) as display:
            number = display.readline().strip()
        if number == "":
            raise Failed(f"Xvfb does not start:\n{self.program.said()}")
        self.environment = {"DISPLAY": f":{number}"}

    def screenshot(self):
        return self.stage.path("Xvfb_screen0")


def start(stage, desktop, mode, renderer):
    layout = stage.write("layout.yaml", LAYOUT.replace("MODE", mode))
    return Binnacle(stage, layout, "--backend", desktop.backend, "--renderer", renderer,
                    env=desktop.environment)


def compare(name, make_desktop, mode, renderer):
    with Stage(name, TOOLS, OUTPUT) as stage:
        desktop = make_desktop(stage)
        binnacle = start(stage, desktop, mode, renderer)
        wait(lambda: binnacle.zones()["app"]["content"] == "view", "the probe is shown")
        first = stage.path("first.png")
        wait(lambda: binnacle.ctl("screenshot", "center", first, check=False).returncode == 0, "a first frame")
        wait(lambda: binnacle.share("app", "4080c0") > 0.5, "the probe is drawn")

        def same():
            ours = binnacle.screenshot("center", "center.png")
            return stage.pixels("equal", ours, "all", desktop.screenshot(), "0,0") == ["0"]

        wait(same, f"the {desktop.backend} desktop shows what binnacle shows", 20)
        if int(stage.pixels("colors", stage.path("center.png"), "all")[0]) < 20:
            raise Failed("both show next to nothing")
        # A change arrives there too.
        binnacle.ctl("hide", "probe")
        wait(lambda: binnacle.share("app", "400000") > 0.5, "the filler of the zone")
        wait(same, "the desktop follows a change", 20)
        if binnacle.end() != 0:
            raise Failed(f"binnacle did not end well:\n{binnacle.program.said()[-4000:]}")


def desktop_goes(name, make_desktop):
    with Stage(name, TOOLS, OUTPUT) as stage:
        desktop = make_desktop(stage)
        binnacle = start(stage, desktop, "640x360", "pixman")
        wait(lambda: binnacle.zones()["app"]["content"] == "view", "the probe is shown")
        desktop.program.process.send_signal(signal.SIGKILL)
        wait(lambda: not binnacle.program.alive(), "binnacle ends when its desktop is gone", 20)
        status = binnacle.program.end()
        if status is None or status < 0:
            raise Failed(f"binnacle ended by signal {status}:\n{binnacle.program.said()[-4000:]}")


def cases():
    for renderer in ("pixman", "gles"):
        # cage makes its only window as large as its output, 1280x720.
        for mode in ("1280x720", "640x360"):
            yield (f"cage-shows-what-we-show-{mode}-{renderer}",
                   lambda r=renderer, m=mode: compare(f"cage-{m}-{r}", Cage, m, r))
        yield (f"xvfb-shows-what-we-show-{renderer}",
               lambda r=renderer: compare(f"xvfb-{r}", Xvfb, "1024x768", r))
    yield ("we-end-with-the-wayland-desktop", lambda: desktop_goes("cage-goes", Cage))
    yield ("we-end-with-the-x11-desktop", lambda: desktop_goes("xvfb-goes", Xvfb))


if __name__ == "__main__":
    os.makedirs(OUTPUT, exist_ok=True)
    run(list(cases()))
