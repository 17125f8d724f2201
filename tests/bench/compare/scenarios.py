"""What is asked of a compositor, and one measurement of it: a cell.

Each run of a cell has a compositor of its own. Its probes run first, then what is hostile, then the busy
processes; all that must be on glass is, before anything is measured. The probes that are measured run
SCHED_RR, hostile ones and busy processes SCHED_OTHER, the compositor in the class that is stated.
"""
import random
import sys
import time

import figures
import measure
from peers import HERE, Session
from processes import Failed, busy
from proof import ZERO_COPY

READY_S = 10
SETTLE_S = 0.15  # the hostile reach their pace, and the compositor its answer
GRACE_S = 0.06   # feedback of the last frames
BUSY = 4
PLAUSIBLE_NS = 1.05e9 / 60  # all displays are asked to refresh at 60 Hz


class Scenario:
    """
    `paced`: its measured clients draw at frame callbacks. `isolation`: judged on the cluster's frames.
    `from_cause`: latency counts from what a frame answers, not from its commit.
    """

    def __init__(self, name, title, measured, hostile=(), paced=True, isolation=False, from_cause=False):
        self.name, self.title, self.measured, self.hostile = name, title, measured, hostile
        self.paced, self.isolation, self.from_cause = paced, isolation, from_cause


def everywhere(*arguments):
    return lambda session: [session.probe(display, *arguments) for display in session.peer.displays]


def in_turns(hz, *arguments):
    """Each display's client at a time of its own: three that happen to tick together measure how they queue."""
    def start(session):
        step_ms = 1e3 / hz / len(session.peer.displays)
        return [session.probe(display, "timer", "--hz", hz, "--phase", number * step_ms, *arguments)
                for number, display in enumerate(session.peer.displays)]
    return start


def cluster(session):
    return [session.probe("cluster", "pace")]


def other(*arguments):
    return lambda session: session.probe("center", *arguments, app_id="bench-other", expect=False)


def flood(*arguments):
    return lambda session: session.probe("center", "flood", *arguments)


SCENARIOS = [
    Scenario("idle", "a still picture on each display", everywhere("idle"), paced=False),
    Scenario("needle", "64x64 px change on each display at each refresh", everywhere("pace", "--damage", "64")),
    Scenario("full", "every pixel changes on each display at each refresh", everywhere("pace")),
    Scenario("timer50", "64x64 px change on each display 50 times a second, the displays in turns",
             in_turns(50, "--damage", "64"), paced=False),
    Scenario("alone", "the cluster, every pixel of it at each refresh, and nothing else", cluster, isolation=True),
    Scenario("flood", "and a client that commits 1920x1080 pictures as fast as it can", cluster, [flood()],
             isolation=True),
    Scenario("big", "the same with 7680x4320 pictures", cluster, [flood("--size", "7680x4320")], isolation=True),
    Scenario("crowd30", "and 30 more windows", cluster, [other("idle", "--windows", "30")], isolation=True),
    Scenario("churn", "and windows made, resized and destroyed, 250 steps a second", cluster,
             [other("churn", "--windows", "8")], isolation=True),
]
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


class Condition:
    """How the machine is used beside, and in which class the compositor runs."""

    def __init__(self, busy_count, real_time):
        self.busy, self.real_time = busy_count, real_time
        self.name = ("busy" if busy_count else "quiet") + ("-rr" if real_time else "")
        self.title = (f"{busy_count} busy processes beside" if busy_count else "a quiet machine") + \
            (", compositors SCHED_RR" if real_time else ", compositors SCHED_OTHER")


QUIET, LOADED, LOADED_RR = Condition(0, False), Condition(BUSY, False), Condition(BUSY, True)
QUIET_RR = Condition(0, True)


class Stage:
    """Where a run's files go, and what was learned of this machine and of each compositor."""

    def __init__(self, folder):
        self.folder = folder
        self.periods = {}      # peer name -> T, ns
        self.real_time = True  # SCHED_RR is permitted
        self.count = 0

    def session(self, peer, layout=None):
        self.count += 1
        return Session(peer, self.folder / f"{self.count:04d}-{peer.name}", layout)

    def set_class(self, pid, real_time):
        if self.real_time and not measure.set_class(pid, real_time):
            self.real_time = False


def start_up(stage, peer):
    """ns from exec until a client, which waits for the socket, has its first frame on glass."""
    with stage.session(peer) as session:
        probe = session.probe(peer.displays[0], "idle", "--wait", expect=False)
        session.exec()
        shown = int(probe.line("shown", READY_S).split()[1])
        return shown - session.compositor.started_ns


def measure_period(stage, peer):
    with stage.session(peer) as session:
        session.start()
        # A small change: everybody keeps up with that.
        probe = session.probe(peer.displays[0], "pace", "--damage", "64")
        stage.set_class(probe.pid, True)
        stage.set_class(session.compositor.pid, True)
        probe.line("ready", READY_S)
        time.sleep(0.4)
        return figures.period(figures.parse(probe.finish())[0])


def learn_period(stage, peer):
    """T of figures.py. A machine that was just busy gets two more chances: the refresh is never longer than seen."""
    tries = 0
    while peer.name not in stage.periods or (stage.periods[peer.name] > PLAUSIBLE_NS and tries < 3):
        period = measure_period(stage, peer)
        if period is None:
            raise Failed(f"{peer.name} presents nothing")
        stage.periods[peer.name] = min(period, stage.periods.get(peer.name, period))
        tries += 1
    return stage.periods[peer.name]


def run_cell(stage, peer, scenario, condition, seconds, session=None, during=None):
    """One run: a dict of figures. `during`, called instead of waiting, lasts as long as the measurement."""
    return run_cells(stage, peer, scenario, [condition], seconds, session, during)[0]


def run_cells(stage, peer, scenario, conditions, seconds, session=None, during=None):
    """One run under each condition in turn, of one compositor and the same clients."""
    period_ns = learn_period(stage, peer)
    with session or stage.session(peer) as running:
        if running.compositor is None:
            running.start()
        probes = scenario.measured(running)
        for probe in probes:
            stage.set_class(probe.pid, True)
        for probe in probes:
            probe.line("ready", READY_S)
        for start in scenario.hostile:
            start(running).line("ready", READY_S)
        observed = [observe(stage, running, condition, seconds, during) for condition in conditions]
        time.sleep(GRACE_S)
        logs = [figures.parse(probe.finish())[0] for probe in probes]
    if scenario.from_cause:
        logs = [[frame._replace(commit=frame.cause) for frame in frames] for frames in logs]
    return [conclude(result, window, logs, period_ns, scenario.paced) for result, window in observed]


def observe(stage, session, condition, seconds, during):
    """What the kernel tells of a stretch of time under a condition, and which stretch that was."""
    compositor = session.compositor
    stage.set_class(compositor.pid, condition.real_time)
    beside = busy(condition.busy, session.env, session.path("probes.log"))
    try:
        time.sleep(SETTLE_S)
        window = measure.Window(compositor.pid, [one.pid for one in session.group.members + beside.members])
        if during is not None:
            during(session, seconds)
        else:
            time.sleep(seconds)
        if not compositor.alive():
            raise Failed(f"it crashed, status {compositor.popen.returncode}: {compositor.said()[-300:]}")
        result = window.end()
        # A compositor may well throw such a client out; who reads the figures must know.
        result["cut_off"] = sum(not member.alive() for member in session.group.members)
        result["pss_mib"] = measure.pss_kib(compositor.pid) / 1024
    finally:
        beside.end()
    return result, window


def conclude(result, window, logs, period_ns, paced):
    result.update(judge_all(logs, period_ns, window.begin_ns, window.end_ns, paced))
    result["cpu_ms_per_frame"] = result["cpu_ns"] / 1e6 / result["presented"] if result["presented"] else None
    return result


def judge_all(logs, period_ns, begin_ns, end_ns, paced):
    judged = [figures.judge(frames, period_ns, begin_ns, end_ns, paced) for frames in logs]
    latencies = [latency / 1e6 for one in judged for latency in one.latencies]
    inside = [frame for frames in logs for frame in frames if begin_ns <= frame.commit <= end_ns]
    return {
        "presented": sum(one.presented for one in judged),
        "missed": sum(one.missed for one in judged),
        "late": sum(one.late for one in judged),
        "superseded": sum(one.superseded for one in judged),
        "zero_copy": sum(1 for frame in inside if frame.flags & ZERO_COPY),
        "period_ms": period_ns / 1e6,
        **{f"p{name}_ms": figures.percentile(latencies, per_cent)
           for name, per_cent in (("50", 50), ("99", 99), ("999", 99.9))},
        "max_ms": max(latencies, default=None),
    }


SIGNAL = Scenario("signal", "a vehicle signal is set; an app that follows it answers with a frame",
                  lambda session: [session.probe("cluster", "signal", "--signal", "Vehicle.Bench", "--damage", "64")],
                  paced=False, from_cause=True)


def signal_to_photon(stage, peer, condition, seconds):
    """Binnacle only. The signal's value is the time at which it was set, so the probe's log has both ends."""
    sys.path.insert(0, str(HERE.parents[1] / "cli"))
    from rig import Connection  # pylint: disable=import-outside-toplevel,import-error

    def during(session, length_s):
        controller = Connection(f"{session.runtime}/{peer.socket}.ctl")
        end = time.monotonic() + length_s
        while time.monotonic() < end:
            reply = controller.ask("set", signal="Vehicle.Bench", value=time.monotonic_ns() / 1e6)
            if not reply["ok"]:
                raise Failed(f"set: {reply['error']}")
            time.sleep(random.uniform(0.03, 0.05))
        controller.close()

    return run_cell(stage, peer, SIGNAL, condition, seconds, during=during)
