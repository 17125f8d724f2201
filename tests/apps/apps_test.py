"""Unmodified programs in zones of a real binnacle, found on its screenshots.

python3 apps_test.py binnacle=PATH binnaclectl=PATH pixels=PATH type=PATH output=FOLDER
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "nested"))
from stage import Binnacle, Failed, Stage, need, run, tools_from, wait  # noqa: E402

TOOLS, OUTPUT = tools_from(sys.argv[1:])

BEFORE_TOUCH, AFTER_TOUCH = "00a0ff", "ff00a0"
PAGE = ("data:text/html,<body style='background:rgb(0,160,255)' "
        "ontouchstart=\"document.body.style.background='rgb(255,0,160)'\"></body>")
CHROMIUM = ["chromium", "--ozone-platform=wayland", "--no-sandbox", "--disable-gpu",
            "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]

LAYOUT = """\
binnacle: 1
displays:
  center: { mode: 800x600@60, size-mm: [344, 258] }
  passenger: { mode: 960x480@60, size-mm: [344, 172] }
occupants:
  driver: { displays: center }
  passenger: { displays: passenger }
zones:
  first: { display: center, rect: [0, 0, 260, 300], grant: [shm, egl, flower], empty: "#400000" }
  terminal: { display: center, rect: [0, 310, 800, 290], grant: foot, empty: "#404000" }
  web: { display: passenger, rect: [0, 0, 560, 100%], grant: web, empty: "#400040" }
  toolkit: { display: passenger, rect: [560, 0, 400, 100%], grant: gtk, empty: "#004040" }
apps:
"""
HOMES = {"shm": "first", "egl": "first", "flower": "first", "foot": "terminal", "web": "web", "gtk": "toolkit"}


class Show:
    """A binnacle whose only apps are `commands`, by name; keeps the screenshots.

    What is asked of it is asked of its first app's zone.
    """

    def __init__(self, name, commands):
        need(*(command[0] for command in commands.values()))
        self.stage = Stage(name, TOOLS, OUTPUT)
        text = LAYOUT
        for app, home in HOMES.items():
            start = f"exec: {yaml_list(commands[app])}, start: boot, " if app in commands else ""
            text += f"  {app}: {{ {start}home: {home} }}\n"
        layout = self.stage.write("layout.yaml", text)
        self.apps = list(commands)
        self.zone = HOMES[self.apps[0]]
        self.binnacle = Binnacle(self.stage, layout, "--backend", "headless", "--renderer", "pixman")

    def __enter__(self):
        for app in self.apps:
            wait(lambda: self.is_shown(app), f"{app} appears in zone {HOMES[app]}")
        return self

    def __exit__(self, *what):
        if what[0] is None:
            for display in ("center", "passenger"):
                self.binnacle.screenshot(display, f"{display}.png")
            if self.binnacle.end() != 0:
                raise Failed(f"binnacle did not end well:\n{self.binnacle.program.said()[-4000:]}")
        self.stage.close()

    def is_shown(self, app):
        zone = self.binnacle.zones()[HOMES[app]]
        return zone["content"] == "view" and zone["app"] == app

    def share(self, color, rect="all", tolerance=8, zone=None):
        return self.binnacle.share(zone or self.zone, color, rect, tolerance)

    def colors(self):
        return self.binnacle.colors(self.zone)


def yaml_list(strings):
    return "[" + ", ".join("'" + string.replace("'", "''") + "'" for string in strings) + "]"


def weston_simple_shm():
    with Show("shm", {"shm": ["weston-simple-shm"]}) as show:
        # Rings in many colours that move: two pictures are never the same.
        wait(lambda: show.colors() > 100, "rings of weston-simple-shm")
        first = show.binnacle.screenshot("first", "first-1.png")
        wait(lambda: show.stage.pixels("equal", first, "all",
                                       show.binnacle.screenshot("first", "first-2.png"), "0,0")[0] != "0",
             "the rings move")


def weston_simple_egl():
    with Show("egl", {"egl": ["weston-simple-egl"]}) as show:
        wait(lambda: show.colors() > 1000, "the shaded triangle of weston-simple-egl")
        if show.share("400000", tolerance=0) > 0:
            raise Failed("the zone's filler shows through")


def weston_flower():
    with Show("flower", {"flower": ["weston-flower"]}) as show:
        # A flower of one random colour on nothing: what is beneath the zone is black.
        wait(lambda: 0.05 < 1 - show.share("000000", tolerance=0) < 0.95, "the flower of weston-flower")


def foot_shows_its_colour():
    block = r"printf '\033[?25l\033[48;2;255;128;0m\033[2J'; exec sleep 600"
    with Show("foot", {"foot": ["foot", "sh", "-c", block]}) as show:
        wait(lambda: show.share("ff8000") > 0.95, "foot fills its zone with the colour")


class Typist:
    """A keyboard of the driver's, plugged in for the length of a `with`."""

    def __init__(self, show):
        environment = dict(show.stage.environment, WAYLAND_DISPLAY=f"{show.binnacle.socket}.owner")
        self.process = subprocess.Popen([TOOLS["type"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(20)

    def type(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != line + "\n":
            raise Failed("the virtual keyboard is refused")


def chromium_command():
    return [*CHROMIUM, f"--user-data-dir={os.path.join(OUTPUT, 'web-profile')}", PAGE]


def await_keys(show, typist):
    """A new keyboard has to be noticed by the app: empty lines until a prompt answers."""
    before = show.binnacle.screenshot("terminal", "prompt.png")

    def answers():
        typist.type("")
        now = show.binnacle.screenshot("terminal", "prompts.png")
        # Without the first line, where a cursor may blink or turn hollow.
        return show.stage.pixels("equal", before, "0,40,800,200", now, "0,40")[0] != "0"

    wait(answers, "prompts in foot")


def foot_takes_the_drivers_keys():
    with Show("keys", {"foot": ["foot", "sh"]}) as show:
        wait(lambda: show.colors() > 1, "a prompt in foot")
        show.binnacle.ctl("touch", "center", 400, 450)
        with Typist(show) as typist:
            await_keys(show, typist)
            if show.share("00c850") > 0:
                raise Failed("the colour is there before anybody typed it")
            typist.type(r"printf '\033[48;2;0;200;80m\033[2J'; sleep 600")
            wait(lambda: show.share("00c850") > 0.9, "foot shows the colour that was typed")


def chromium_answers_the_passengers_touch():
    with Show("web", {"web": chromium_command()}) as show:
        wait(lambda: show.share(BEFORE_TOUCH) > 0.5, "the page's colour in the zone of chromium")
        show.binnacle.screenshot("passenger", "before-touch.png")
        # The driver's display is somebody else's.
        show.binnacle.ctl("touch", "center", 300, 300)
        if show.share(AFTER_TOUCH) > 0:
            raise Failed("a touch on the driver's display reached the passenger's page")
        show.binnacle.ctl("touch", "passenger", 280, 350)
        wait(lambda: show.share(AFTER_TOUCH) > 0.5, "the page's colour after the passenger's touch")
        if not any(c["app"] == "web" and c["seat"] == "passenger" for c in show.binnacle.get("clients")):
            raise Failed("chromium was not given the passenger's seat")


SCRIBBLE = "40,310,320,130"  # in the zone of gtk4-demo: a white sheet to draw on


def gtk_answers_the_passengers_touch():
    with Show("gtk", {"gtk": ["gtk4-demo", "--run=drawingarea"]}) as show:
        wait(lambda: show.share("ffffff", SCRIBBLE) > 0.95, "the scribble area of gtk4-demo")
        show.binnacle.screenshot("passenger", "before-touch.png")
        show.binnacle.ctl("touch", "passenger", 560 + 100, 340, 560 + 300, 420)
        wait(lambda: show.share("000000", SCRIBBLE, 60) > 0.001, "a line where the finger went")


def both_occupants_at_once():
    """The passenger touches a page and a toolkit while the driver is in the middle of a line."""
    commands = {"foot": ["foot", "sh"], "web": chromium_command(),
                "gtk": ["gtk4-demo", "--run=drawingarea"]}
    with Show("both", commands) as show:
        wait(lambda: show.share(BEFORE_TOUCH, zone="web") > 0.5, "the page's colour")
        wait(lambda: show.share("ffffff", SCRIBBLE, zone="toolkit") > 0.95, "the scribble area")
        show.binnacle.ctl("touch", "center", 400, 450)
        with Typist(show) as typist:
            await_keys(show, typist)
            typist.type(r"printf '\033[48;2;0;200;80m' &&")  # goes on in the next line
            show.binnacle.ctl("touch", "passenger", 280, 350)
            show.binnacle.ctl("touch", "passenger", 560 + 100, 340, 560 + 300, 420)
            wait(lambda: show.share(AFTER_TOUCH, zone="web") > 0.5, "the page answers the passenger")
            wait(lambda: show.share("000000", SCRIBBLE, 60, zone="toolkit") > 0.001,
                 "gtk4-demo answers the passenger")
            # The driver's words are not scattered by it.
            typist.type(r"printf '\033[2J'; sleep 600")
            wait(lambda: show.share("00c850") > 0.9, "foot shows the colour that was typed")


CASES = [
    ("weston-simple-shm-moves-in-its-zone", weston_simple_shm),
    ("weston-simple-egl-draws-in-its-zone", weston_simple_egl),
    ("weston-flower-floats-in-its-zone", weston_flower),
    ("foot-fills-its-zone-with-a-colour", foot_shows_its_colour),
    ("foot-takes-the-drivers-keys", foot_takes_the_drivers_keys),
    ("gtk4-answers-the-passengers-touch", gtk_answers_the_passengers_touch),
    ("chromium-answers-the-passengers-touch", chromium_answers_the_passengers_touch),
    ("the-passenger-touches-while-the-driver-types", both_occupants_at_once),
]

if __name__ == "__main__":
    os.makedirs(OUTPUT, exist_ok=True)
    run(CASES)
