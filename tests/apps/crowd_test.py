"""Third-party windows come and go at random, some of them rude; the cockpit stands it.

python3 crowd_test.py binnacle=PATH binnaclectl=PATH probe=PATH pixels=PATH output=FOLDER

BINNACLE_CROWD_SECONDS: how long (10), BINNACLE_CROWD_WINDOWS: how many at once (50),
BINNACLE_CROWD_SEED: which crowd (1).
"""
import os
import random
import re
import select
import shutil
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "nested"))
from stage import Binnacle, Failed, Skipped, Stage, run, tools_from, wait  # noqa: E402

TOOLS, OUTPUT = tools_from(sys.argv[1:])
SECONDS = float(os.environ.get("BINNACLE_CROWD_SECONDS", "10"))
WINDOWS = int(os.environ.get("BINNACLE_CROWD_WINDOWS", "50"))
SEED = int(os.environ.get("BINNACLE_CROWD_SEED", "1"))
GROWTH_LIMIT_KIB = 64 * 1024

# Apps without exec: "by-name" is only what a client calls itself, "by-socket" comes by its own socket.
LAYOUT = """\
binnacle: 1
displays:
  cluster: { mode: 400x200@60, size-mm: [200, 100], criticality: safety }
  center: { mode: 800x600@60, size-mm: [344, 258] }
  passenger: { mode: 480x320@60, size-mm: [200, 133] }
occupants:
  driver: { displays: [cluster, center] }
  passenger: { displays: passenger }
zones:
  gauges: { display: cluster, rect: full, layer: safety, grant: gauges, empty: "#101010", accept-loss: only a test }
  public: { display: center, rect: [0, 0, 400, 300], grant: "*", empty: "#400000", transition: fade 200ms }
  home: { display: center, rect: [400, 0, 400, 300], grant: ["*", by-name], empty: "#004000", radius: 24 }
  proven: { display: center, rect: [0, 300, 800, 300], layer: overlay, grant: by-socket, empty: "#000040",
            transition: slide-left 200ms, fit: fit }
  movie: { display: passenger, rect: full, grant: [cinema, "*"], empty: "#404000", fit: center }
apps:
  gauges: { home: gauges }
  by-name: { home: home }
  by-socket: { home: proven }
  cinema: { home: movie }
"""

PROBE = TOOLS["probe"]
# Programs with the app_id that they bring along: unknown to the layout.
STRANGERS = [[name] for name in (
    "weston-simple-shm", "weston-simple-damage", "weston-flower", "weston-smoke", "weston-clickdot",
    "weston-eventdemo", "weston-stacking", "weston-cliptest", "weston-transformed", "weston-scaler",
    "weston-resizor", "weston-presentation-shm", "weston-simple-egl", "weston-subsurfaces")]
STRANGERS += [["foot", "sh", "-c", "while :; do ls -l /usr/bin; done"]]
RUDE = [
    ["--animate"], ["--popup"], ["--dialog"], ["--subsurface", "--animate"], ["--fullscreen"],
    ["--ignore-size", "--size", "37x11"], ["--ignore-size", "--size", "3000x2000"], ["--flood"],
    ["--hang-after", "200"], ["--crash-after", "300"], ["--exit-after", "400"],
    ["--animate", "--hang-after", "500"],
]
FLOOD = ["--flood", "--ignore-size", "--size", "7680x4320"]

# Where each way of coming must lead, and by which socket it comes.
WAYS = {
    "stranger": ("public", ""),
    "by-name": ("home", ""),
    "by-socket": ("proven", ".by-socket"),
    "cinema": ("movie", ""),
    "forger": ("public", ""),
}


class Guest:
    """One program with one window (and maybe its dialog), on its way in, there, or ending."""

    def __init__(self, crowd, number, command=None):
        self.way = "stranger" if command else crowd.random.choices(list(WAYS), [6, 3, 3, 2, 1])[0]
        self.zone, suffix = WAYS[self.way]
        self.command = command or crowd.choose_command(self.way)
        environment = {"WAYLAND_DISPLAY": crowd.binnacle.socket + suffix,
                       "ASAN_OPTIONS": "detect_leaks=0"}  # it is not this program that is tested
        self.program = crowd.stage.start(f"guest-{number}", self.command, env=environment)
        self.pid = self.program.process.pid
        self.leaves = time.monotonic() + crowd.random.uniform(0.3, 8)

    def leave(self, how):
        """By the door, or as if it had fallen down dead."""
        if how == "stopped":
            self.program.process.send_signal(signal.SIGSTOP)
            how = "killed"
        self.program.end(signal.SIGKILL if how == "killed" else signal.SIGTERM, deadline_s=5)
        os.unlink(self.program.log_path)


class Crowd:
    def __init__(self, stage, binnacle):
        self.stage, self.binnacle = stage, binnacle
        self.random = random.Random(SEED)
        self.guests, self.count = [], 0
        self.strangers = [command for command in STRANGERS if shutil.which(command[0])]
        if not self.strangers:
            raise Skipped("no weston-* demo and no foot is installed")
        self.seen = set()  # first words of commands that had a window
        self.peak = 0
        self.checked = 0
        # One of them floods all the time, in front or behind.
        flood = Guest(self, 0, [PROBE, "--app-id", "nobody", *FLOOD])
        flood.leaves = time.monotonic() + 2 * SECONDS
        self.guests.append(flood)

    def choose_command(self, way):
        if way == "stranger" and self.random.random() < 0.8:
            return self.random.choice(self.strangers)
        app_id = {"forger": "gauges", "stranger": "nobody"}.get(way, way)
        return [PROBE, "--app-id", app_id, "--color", f"{self.random.randrange(1 << 24):06x}",
                *self.random.choice(RUDE)]

    def come_and_go(self):
        now = time.monotonic()
        for guest in [g for g in self.guests if g.leaves < now or not g.program.alive()]:
            guest.leave(self.random.choice(["asked", "asked", "killed", "stopped"]))
            self.guests.remove(guest)
            self.stage.programs.remove(guest.program)
        # A few at a time: starting is work for the machine, not for the cockpit.
        for _ in range(min(4, WINDOWS - len(self.guests))):
            self.count += 1
            self.guests.append(Guest(self, self.count))

    def check(self):
        """Each window is in the zone that its way leads to, and `why` says the same."""
        if not self.binnacle.program.alive():
            raise Failed(f"binnacle is gone:\n{self.binnacle.program.said()[-6000:]}")
        guests = {guest.pid: guest for guest in self.guests}
        mapped = 0
        for client in self.binnacle.get("clients"):
            guest = guests.get(client["pid"])
            if guest is None:
                continue
            for view in client["views"]:
                if not view["mapped"] or view["dialog"]:
                    continue
                mapped += 1
                self.seen.add(os.path.basename(guest.command[0]))
                if view["zone"] != guest.zone:
                    raise Failed(f"{' '.join(guest.command)} came as {guest.way} and is in zone "
                                 f"{view['zone']}, not in {guest.zone}")
        self.peak = max(self.peak, mapped)
        self.checked += mapped
        self.check_why()

    def check_why(self):
        for way in ("by-name", "by-socket", "cinema"):
            zone = WAYS[way][0]
            done = self.binnacle.ctl("why", way)
            places = re.findall(r"^it is (?:not )?visible in zone (\S+)$", done.stdout, re.MULTILINE)
            if set(places) - {zone}:
                raise Failed(f"why {way} tells of {places}, its zone is {zone}:\n{done.stdout}")
            if len(re.findall(r"^it is visible", done.stdout, re.MULTILINE)) > 1:
                raise Failed(f"two windows are visible in one zone:\n{done.stdout}")
        for name, zone in self.binnacle.zones().items():
            if name == "gauges" and zone["content"] == "view":
                raise Failed("a stranger made it into the safety zone")

    def go_home(self):
        for guest in self.guests:
            guest.leave(self.random.choice(["asked", "killed"]))
            self.stage.programs.remove(guest.program)
        self.guests = []
        wait(lambda: self.binnacle.get("clients") == [], "the compositor has no client left")
        for name, zone in self.binnacle.zones().items():
            if zone["content"] != "empty":
                raise Failed(f"zone {name} still shows {zone['content']}")


def own_memory_kib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return int(re.search(r"RssAnon:\s+(\d+)", status.read()).group(1))


def least_memory_kib(pid):
    """Between two pictures: while one is taken in parts, there are two."""
    least = own_memory_kib(pid)
    for _ in range(40):
        select.select([], [], [], 0.02)
        least = min(least, own_memory_kib(pid))
    return least


def on_stage(name, renderer, play):
    with Stage(name, TOOLS, OUTPUT) as stage:
        layout = stage.write("layout.yaml", LAYOUT)
        # A sanitizer's quarantine is no leak, but looks like one from here.
        options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"
        binnacle = Binnacle(stage, layout, "--backend", "headless", "--renderer", renderer,
                            env={"ASAN_OPTIONS": options.strip(":")})
        play(stage, binnacle)
        status = binnacle.end()
        if status != 0:
            raise Failed(f"binnacle ended with {status}:\n{binnacle.program.said()[-6000:]}")


def crowd():
    def play(stage, binnacle):
        crowd = Crowd(stage, binnacle)
        end = time.monotonic() + SECONDS
        # On a busy machine programs come more slowly.
        while time.monotonic() < end or (crowd.peak < WINDOWS / 2 and time.monotonic() < end + 60):
            crowd.come_and_go()
            crowd.check()
        binnacle.screenshot("center", "crowd.png")
        if crowd.peak < WINDOWS / 2:
            raise Failed(f"only {crowd.peak} windows were there at once")
        crowd.go_home()
        print(f"# {crowd.count} programs, {crowd.peak} windows at once, {crowd.checked} places checked, "
              f"kinds: {', '.join(sorted(crowd.seen))}")

    on_stage("crowd", "pixman", play)


def flood(renderer):
    """One client commits 8K pictures as fast as its socket takes them, and nothing else is there."""

    def play(stage, binnacle):
        program = stage.start("flood", [PROBE, "--app-id", "nobody", *FLOOD],
                              env={"WAYLAND_DISPLAY": binnacle.socket})

        def look():
            """The flood's client and the refreshes of its display, as of one moment."""
            stats = binnacle.get_stats()
            clients = [c for c in stats["clients"] if c["pid"] == program.process.pid]
            outputs = [o for o in stats["outputs"] if o["display"] == "center"]
            return (clients[0]["commits"], clients[0]["uploads"], outputs[0]["wakeups"]) if clients else (0, 0, 0)

        wait(lambda: look()[1] > 5, "the flood is on glass")
        memory = least_memory_kib(binnacle.program.process.pid)
        before = look()
        end = time.monotonic() + min(SECONDS / 2, 20)
        wait(lambda: time.monotonic() > end and look()[0] - before[0] >= 200, "200 commits of the flood")
        commits, uploads, drawn = (now - then for now, then in zip(look(), before))
        grown = least_memory_kib(binnacle.program.process.pid) - memory
        print(f"# {renderer}: {commits} commits of 8K, {uploads} uploads in {drawn} refreshes, "
              f"{grown} KiB more")
        if uploads > drawn:
            raise Failed(f"{uploads} uploads in {drawn} refreshes")
        if uploads == 0:
            raise Failed("nothing of the flood was shown")
        if grown > GROWTH_LIMIT_KIB:
            raise Failed(f"the flood made the compositor {grown} KiB larger")
        program.end(signal.SIGKILL)
        stage.programs.remove(program)
        wait(lambda: binnacle.get("clients") == [], "the flood is over")

    on_stage(f"flood-{renderer}", renderer, play)


CASES = [
    ("a-crowd-comes-and-goes", crowd),
    ("a-flood-of-8k-costs-one-upload-a-refresh-with-pixman", lambda: flood("pixman")),
    ("a-flood-of-8k-costs-one-upload-a-refresh-with-gles", lambda: flood("gles")),
]

if __name__ == "__main__":
    os.makedirs(OUTPUT, exist_ok=True)
    run(CASES)
