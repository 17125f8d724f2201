"""binnacle under its guard in a window: when it is gone, the desktop's own screenshot is the safe picture.

python3 guarded_test.py binnacle=PATH binnaclectl=PATH probe=PATH pixels=PATH guard=PATH pictures=SCRIPT output=FOLDER
"""
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from nested_test import OUTPUT, TOOLS, Cage  # noqa: E402
from stage import Binnacle, Failed, Stage, run, wait  # noqa: E402

PICTURES = TOOLS.pop("pictures")

# cage makes its only window as large as its output.
LAYOUT = """\
binnacle: 1
displays:
  cluster: { mode: 1280x720@60, size-mm: [292, 164], criticality: safety }
zones:
  back: { display: cluster, rect: full, layer: background, empty: "#203040" }
  app: { display: cluster, rect: [50%, 10%, 45%, 80%], grant: probe, empty: "#400000", radius: 40 }
apps:
  probe: { exec: [binnacle-probe, --app-id, probe, --color, 4080c0], start: boot, home: app }
"""


class Guarded(Binnacle):
    """A compositor under a guard; a gate before it holds the next one up as long as a test likes."""

    def __init__(self, stage, desktop, *options):
        self.stage, self.socket = stage, "guarded-0"
        self.gate = stage.path("gate")
        os.mkfifo(self.gate)
        self.layout = stage.write("layout.yaml", LAYOUT)
        script = f'[ ! -e {self.gate}.closed ] || read -r _ <{self.gate}; exec "$@"'
        self.program = stage.start("guard", [
            TOOLS["guard"], "--screen", "wayland", "--socket", self.socket, *options, "--", "sh", "-c", script, "sh",
            stage.tools["binnacle"], "--layout", self.layout, "--backend", "wayland", "--renderer", "pixman"],
            env=desktop.environment)
        wait(self._answers, "a compositor opens its control socket")

    def pid(self):
        return int(re.findall(r"is pid (\d+)", self.program.said())[-1])

    def hold_the_next(self):
        with open(self.gate + ".closed", "w", encoding="utf-8"):
            pass

    def let_go(self):
        wait(self._opened, "the next compositor waits at the gate")

    def _opened(self):
        try:
            fd = os.open(self.gate, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False
        os.unlink(self.gate + ".closed")
        os.write(fd, b"\n")
        os.close(fd)
        return True


def safe_picture(stage, layout):
    """What it is to be: as a compositor gives it to its guard."""
    done = subprocess.run([sys.executable, "-B", PICTURES, stage.tools["binnacle"], layout, stage.folder],
                          env=stage.environment, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise Failed(f"no safe picture: {done.stderr}")
    return stage.path("safe-cluster.png")


def same(stage, desktop, picture):
    return stage.pixels("equal", picture, "all", desktop.screenshot(), "0,0") == ["0"]


def shows_the_cockpit(stage, desktop, binnacle):
    def app_is_there():
        zones = binnacle.ctl("--json", "get", "zones", check=False)
        return zones.returncode == 0 and '"content":"view"' in zones.stdout.replace(" ", "")
    wait(app_is_there, "the app is in its zone")
    wait(lambda: binnacle.share("app", "4080c0") > 0.5, "the app is drawn")
    wait(lambda: same(stage, desktop, binnacle.screenshot("cluster", "cluster.png")), "the desktop shows the cockpit", 20)


def survives(name, number, *options):
    with Stage(name, TOOLS, OUTPUT) as stage:
        desktop = Cage(stage)
        binnacle = Guarded(stage, desktop, *options)
        expected = safe_picture(stage, binnacle.layout)
        shows_the_cockpit(stage, desktop, binnacle)
        binnacle.hold_the_next()
        os.kill(binnacle.pid(), number)
        wait(lambda: same(stage, desktop, expected), "the desktop shows the safe picture", 20)
        binnacle.let_go()
        shows_the_cockpit(stage, desktop, binnacle)
        wait(lambda: "shows again" in binnacle.program.said(), "the guard's window is closed")
        for line in re.findall(r"binnacle-guard: (.*(?:safe picture|shows again).*)", binnacle.program.said()):
            print(f"# {line}")
        status = binnacle.end()
        # What a busy machine tripped last may still have been under way.
        tripped = "no kick for" in binnacle.program.said().rpartition("shows again")[2]
        if status != 0 and not tripped:
            raise Failed(f"the guard did not end well:\n{binnacle.program.said()[-4000:]}")


CASES = [
    ("killed-the-desktop-shows-the-safe-picture-then-the-cockpit",
     lambda: survives("guarded-kill", signal.SIGKILL, "--timeout", "20000")),
    # Here a busy machine may trip the guard more often than we do: each time the same has to follow.
    ("stopped-the-desktop-shows-the-safe-picture-then-the-cockpit", lambda: survives("guarded-stop", signal.SIGSTOP)),
]


if __name__ == "__main__":
    os.makedirs(OUTPUT, exist_ok=True)
    run(CASES)
