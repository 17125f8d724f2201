"""How cost grows with what is there: a curve is a list of sizes and one measurement at each."""
import time

from peers import Binnacle
from processes import Failed
from scenarios import QUIET, QUIET_RR, Scenario, cluster, flood, other, run_cell

OUTPUT_SIZE = (1280, 720)
HIDDEN_PER_CLIENT = 100  # 830 MB of pictures; Binnacle holds 1 GiB for a client


class Curve:
    """`value` names the figure that is drawn, `runner` makes one point."""

    def __init__(self, name, title, sizes, value, unit, runner, only_binnacle=False):
        self.name, self.title, self.sizes, self.value, self.unit = name, title, sizes, value, unit
        self.runner, self.only_binnacle = runner, only_binnacle

    def point(self, stage, peer, size, seconds):
        result = self.runner(stage, peer, size, seconds)
        return {"size": size, **result}


def center(*arguments):
    return lambda session: [session.probe("center", *arguments)]


def visible(stage, peer, size, seconds):
    """One window whose subsurfaces all change at each refresh; the first is the window itself."""
    tiles = ["--tiles", str(size - 1)] if size > 1 else []
    return run_cell(stage, peer, Scenario("visible", "", center("pace", "--damage", "64", *tiles)), QUIET, seconds)


def hidden(stage, peer, size, seconds):
    """Windows behind the one that draws: they are mapped first, so many of a client as its budget of buffers has room for."""
    def measured(session):
        for first in range(0, size, HIDDEN_PER_CLIENT):
            windows = min(HIDDEN_PER_CLIENT, size - first)
            other("idle", "--windows", str(windows))(session).line("ready", 20)
        return center("pace", "--damage", "64")(session)
    return run_cell(stage, peer, Scenario("hidden", "", measured), QUIET, seconds)


def rate(stage, peer, size, seconds):
    """Commits a second of one window; more than the refresh rate cannot be shown."""
    scenario = Scenario("rate", "", center("timer", "--hz", str(size), "--damage", "64"), paced=False)
    return run_cell(stage, peer, scenario, QUIET, seconds)


def hostile(stage, peer, size, seconds):
    """Clients that flood, all on the center, while the cluster draws."""
    return run_cell(stage, peer, Scenario("hostile", "", cluster, [flood()] * size, isolation=True), QUIET_RR,
                    seconds)


def outputs(stage, peer, size, seconds):
    """Displays of 1280x720, each with its own client."""
    text = "binnacle: 1\ndisplays:\n"
    names = [f"bench-out{number}" for number in range(size)]
    for number in range(size):
        text += f"  d{number}: {{ mode: {OUTPUT_SIZE[0]}x{OUTPUT_SIZE[1]}@60, size-mm: [300, 170] }}\n"
    text += "zones:\n"
    for number, name in enumerate(names):
        text += f'  z{number}: {{ display: d{number}, rect: full, grant: [{name}, "*"] }}\n'
    text += "apps:\n" + "".join(f"  {name}: {{ home: z{number} }}\n" for number, name in enumerate(names))
    with stage.session(peer) as session:
        session.write("layout.yaml", text)
        session.layout = session.path("layout.yaml")
        scenario = Scenario("outputs", "", lambda running: [
            running.probe("center", "pace", "--damage", "64", app_id=name, expect=False) for name in names])
        return run_cell(stage, peer, scenario, QUIET, seconds, session=session)


CURVES = [
    Curve("visible", "visible surfaces that all change", [1, 25, 50, 100, 200, 350, 500], "cpu_ms_per_frame",
          "CPU ms per frame", visible),
    Curve("hidden", "windows hidden behind another", [0, 50, 100, 200, 400], "cpu_ms_per_frame",
          "CPU ms per frame", hidden),
    Curve("outputs", "displays", [1, 2, 3, 4, 5, 6], "cpu_percent", "CPU %", outputs, only_binnacle=True),
    Curve("rate", "commits per second", [15, 30, 60, 120, 250, 500, 1000, 2000], "cpu_percent", "CPU %", rate),
    Curve("hostile", "hostile clients", [0, 1, 2, 4, 8, 16, 32], "p99_ms", "p99 latency of the cluster, ms", hostile),
]


def takes_part(curve, peer):
    return len(peer.displays) > 1 and (isinstance(peer, Binnacle) or not curve.only_binnacle)


def measure_curve(stage, curve, peer, sizes, seconds, deadline, say):
    """The points that could be measured before the deadline; a fault ends the curve and is in its last point."""
    points = []
    for size in sizes:
        if time.monotonic() > deadline:
            points.append({"size": size, "error": "no time left"})
            break
        try:
            points.append(curve.point(stage, peer, size, seconds))
            value = points[-1][curve.value]
            say(f"{curve.name} {size} {peer.name}: {'no frames' if value is None else f'{value:.3g} {curve.unit}'}")
        except Failed as fault:
            points.append({"size": size, "error": str(fault)})
            say(f"{curve.name} {size} {peer.name}: {fault}")
            break
    return points
