"""The table of faults: what a row says, and the limits that several rows share."""
import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Limit:
    ms: int
    source: str


# Published numbers; the sources are named as in the table's page.
SAFE_STATE = Limit(200, "a requested warning or the safe state within 200 ms (ELISA cluster concept, goal 1)")
REAR_VIEW = Limit(2000, "rear image within 2.0 s (FMVSS 111 S5.5.3, UN R158)")
WATCHDOG = Limit(150, "watchdog not kicked for 150 ms (ELISA cluster concept)")
WATCHDOG_GLASS = Limit(200, "150 ms watchdog + 50 ms reaction (ELISA cluster concept)")
BACK = Limit(2000, "apps in their zones again within 2 s (a rear image's limit, UN R158)")

# Sums of what the layout or the manual promises.
HEARTBEAT = Limit(250, "the zone's heartbeat of 100 ms + 3 beats of 50 ms")
STALE = Limit(600, "stale-after of 500 ms + a refresh + 80 ms")
PING_BACK = Limit(1000, "what is over is believed after 500 ms (binnacle-layout(5)), and as much again")

# Nobody publishes these: ours, generous.
TELL = Limit(500, "own: told within half a second")
NEWS = Limit(200, "own: a client's or controller's error within 200 ms")
SHOWN = Limit(500, "own: half a second")
UNPLUG = Limit(500, "own: half a second to place again what a display took along")


@dataclasses.dataclass(frozen=True)
class Row:
    """One fault in one state of the vehicle. `play` is run as it is, and once more with the mechanism disabled."""
    name: str
    fault: str
    state: str      # of the vehicle
    mechanism: str  # what must catch it
    reaction: str   # what must be seen
    off: str        # how the control run disables the mechanism
    play: typing.Callable
    detect: typing.Optional[Limit] = None
    react: typing.Optional[Limit] = None
    recover: typing.Optional[Limit] = None
    renderers: tuple = ("pixman",)
    backend: str = "headless"
    quick: bool = False   # part of the short form
    needs: tuple = ()     # features that the programs must have, see features.py
    shim: bool = False    # loads shim.c, for the fault or for the control
    control: str = "own"  # "own": has a control run; else the row whose control stands for this one, too
    pair: bool = False    # two faults at once; no mechanism of its own

    def limits(self):
        return {phase: limit for phase in PHASES if (limit := getattr(self, phase))}


PHASES = ("detect", "react", "recover")
ROWS = []


def row(name, **members):
    """Decorates a row's `play(scene)`, and adds the row to the table."""
    def add(play):
        assert all(other.name != name for other in ROWS), name
        ROWS.append(Row(name=name, play=play, **members))
        return play
    return add


def distinct(rows):
    """Mechanisms with their reactions: two rows that share both count once, and pairs do not count."""
    return {(one.mechanism, one.reaction) for one in rows if not one.pair}


def check():
    """What is wrong with the table itself; nothing, unless somebody edits it."""
    by_name = {one.name: one for one in ROWS}
    faults = []
    for one in ROWS:
        if not one.limits():
            faults.append(f"{one.name}: no limit")
        if one.control != "own":
            other = by_name.get(one.control)
            if other is None or other.control != "own":
                faults.append(f"{one.name}: its control is {one.control}, which has none of its own")
            elif not one.pair and other.mechanism != one.mechanism:
                faults.append(f"{one.name}: shares the control of another mechanism")
    return faults
