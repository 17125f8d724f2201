"""./dev fuzz: hostile clients against a real compositor.

usage: protocol run [--minutes N] [--seeds A..B] [--renderer NAME] [--allow-missed PERCENT] [--out DIR]
                                                                 attacks, judges; ends with 1 on a fault; --allow-missed: so
                                                                 many frames of a session's witness are told, and no fault
       protocol print SEED/KIND/CLIENT/EPISODE [OFFERED]         the steps of an episode, one JSON line each
       protocol bytes FILE|SEED/...                              the same as the bytes that go out
       protocol replay FILE...                                   plays steps against a compositor of their own
       protocol minimise FILE                                    leaves out steps while the compositor still dies

FUZZ_BUILD is the build directory whose programs are used.
"""
import argparse
import json
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import attacks  # noqa: E402 # pylint: disable=wrong-import-position
import journal  # noqa: E402 # pylint: disable=wrong-import-position
import moves  # noqa: E402 # pylint: disable=wrong-import-position
import play  # noqa: E402 # pylint: disable=wrong-import-position
import signatures  # noqa: E402 # pylint: disable=wrong-import-position
import stage  # noqa: E402 # pylint: disable=wrong-import-position
import wire  # noqa: E402 # pylint: disable=wrong-import-position
from stage import Failed, Session  # noqa: E402 # pylint: disable=wrong-import-position

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus" / "protocol"
RENDERERS = ("pixman", "gles")
ATTACK_S = 2.5
WARM_S = 3


def tools():
    build = pathlib.Path(os.environ["FUZZ_BUILD"]).resolve()
    facts = json.loads((build / "tests" / "fuzz" / "protocol" / "facts.json").read_text())
    heap = next((build / "tests" / "fuzz" / "protocol").glob("*fuzz_heap*.so"))
    return stage.Tools(facts["binnacle"], facts["witness"], heap, facts["canary"], facts["sanitized"] == "yes", facts["xml"])


class Round:
    """Attackers of one seed: three that fuzz, each as somebody else, and one attack on resources after another."""

    def __init__(self, session, seed):
        self.session, self.seed = session, seed
        order = sorted(attacks.ATTACKS)
        random.Random(f"order {seed}").shuffle(order)
        self.order, self.turn = order, 0
        self.began = []  # (ns, name of the attack)

    def run(self, seconds):
        session = self.session
        for number, kind in enumerate(["public", "trusted", "owner" if int(self.seed) % 2 else "cinema"]):
            session.attack("fuzz", kind, f"{self.seed}/{kind}/{number}")
        end = time.monotonic() + seconds
        while time.monotonic() < end and session.compositor.alive():
            name = self.order[self.turn % len(self.order)]
            self.turn += 1
            kind = "trusted" if name == "keymaps" else "public"
            self.began.append((time.monotonic_ns(), name))
            attacker = session.attack("attack", kind, name)
            self.wait(min(end, time.monotonic() + ATTACK_S))
            session.end_attackers([attacker])
        session.end_attackers()

    def wait(self, end):
        while time.monotonic() < end and self.session.compositor.alive():
            time.sleep(0.05)


def attack(tool, folder, renderer, seed, seconds, allowed_percent=0.0):
    """One session: a dict of figures and a list of faults."""
    with Session(tool, folder, renderer, seed) as session:
        control = pathlib.Path(session.runtime.name) / f"{stage.SOCKET}.ctl"
        witness = session.start_witness()
        waits, ping, chaos = stage.Waits(session.pid), stage.Ping(control), stage.Chaos(control, seed)
        canary = stage.Canary(tool.canary)
        records = journal.Journal(stage.Connection(control))
        session.watch(chaos, ping, waits, records, canary)
        Round(session, f"{seed}").run(WARM_S)
        session.settle()
        before = session.holds() if session.compositor.alive() else None
        begin_ns = time.monotonic_ns()
        attackers = Round(session, f"{seed}")
        attackers.run(seconds)
        end_ns = time.monotonic_ns()
        faults = []
        alive = session.compositor.alive()
        after = None
        if alive:
            session.settle()
            after = session.holds()
        chaos.end()
        records.end()
        longest, hangs = stage.judge_pings(ping, waits)
        ping.end()
        waits.end()
        canary.end()
        log, _ = stage.figures.parse(witness.finish())
        missed_at = []
        presented, missed, late, starved = stage.judge_witness(log, begin_ns, end_ns, [waits, canary], missed_at)
        session.control.close()
        if alive:
            session.compositor.popen.terminate()
            try:
                session.compositor.popen.wait(60)
            except stage.subprocess.TimeoutExpired:
                faults.append("it does not end when it is asked to")
        status = session.compositor.popen.poll()
        if not alive or status != 0:
            faults.append(f"it died, status {status}")
        words = stage.complaints(session.said())
        if words is not None:
            faults.append(words)
        if hangs or session.stuck:
            faults.append(f"{hangs} hangs, the longest answer took {longest:.2f} s; " + "; ".join(session.stuck))
        blamed = f"{told(records.causes(missed_at))}; {told(blame(missed_at, attackers.began), 'during ')}"
        if missed > (presented + missed) * allowed_percent / 100 and not tool.sanitized:
            faults.append(f"the witness missed {missed} frames: {blamed}")
        faults += grown(before, after, stage.HEAP_GROWTH_BYTES[renderer])
        result = {"seed": seed, "renderer": renderer, "seconds": (end_ns - begin_ns) / 1e9, "faults": faults,
                  "presented": presented, "missed": missed, "late": late, "starved": starved, "longest_answer_s": longest,
                  "missed_during": blamed, "hangs": hangs, "before": before, "after": after, "real_time": session.real_time, **session.counts}
        if missed_at:
            pathlib.Path(session.path("missed.txt")).write_text("\n".join(records.around(missed_at)) + "\n")
        if faults:
            keep(session, tool, result)
        return result


def blame(missed_at, began):
    """What else went on then."""
    during = {}
    for at_ns, _, gap in missed_at:
        name = ([name for begin_ns, name in began if begin_ns <= at_ns] or ["start"])[-1]
        during[name] = during.get(name, 0) + gap
    return during


def told(counts, word=""):
    return ", ".join(f"{count} {word}{name}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))


def grown(before, after, heap_bytes):
    """What it holds more than before, in words."""
    if before is None or after is None:
        return []
    faults = []
    more = {name: count - before["fds"].get(name, 0) for name, count in after["fds"].items()
            if count > before["fds"].get(name, 0)}
    if more:
        faults.append("descriptors are left open: " + ", ".join(f"{count} {name}" for name, count in more.items()))
    if after["mapped"] > before["mapped"]:
        faults.append(f"{after['mapped'] - before['mapped']} bytes of clients' pools are still mapped")
    if before["heap"] is not None and after["heap"] > before["heap"] + heap_bytes:
        faults.append(f"its heap has grown by {(after['heap'] - before['heap']) / 1024:.0f} KiB")
    return faults


def keep(session, tool, result):
    """The steps of every attacker's last episodes, so that they can be played again."""
    interfaces = signatures.read(tool.xml)
    last = {}
    for kind, name in session.begun:
        last.setdefault(name.rsplit("/", 1)[0], []).append((kind, name))
    for episodes in last.values():
        for kind, name in episodes[-2:]:
            if kind not in session.offered:
                continue
            steps = moves.episode(interfaces, json.loads(session.offered[kind]), name)
            write_steps(session.path(name.replace("/", "-") + ".steps"), steps, f"{kind} {name}, {result['renderer']}")
    pathlib.Path(session.path("result.json")).write_text(json.dumps(result, indent=1) + "\n")


def write_steps(path, steps, words):
    pathlib.Path(path).write_text(f"# {words}\n" + "".join(play.dump(step) + "\n" for step in steps))


def kind_of(text):
    """As whom steps are to be played: the first word of a file."""
    first = text.split("\n", 1)[0].lstrip("# ").split(" ", 1)[0].rstrip(":")
    return first if first in stage.SOCKETS else "public"


# Commands

def run(options):
    tool = tools()
    out = pathlib.Path(options.out)
    first, last = (map(int, options.seeds.split("..")) if ".." in options.seeds else [int(options.seeds)] * 2)
    seeds = range(first, last + 1)
    renderers = [options.renderer] if options.renderer else RENDERERS
    each = max(5.0, options.minutes * 60 / (len(seeds) * len(renderers)) - WARM_S - 3)
    print(f"fuzz: {len(seeds)} seeds with {' and '.join(renderers)}, {each:.0f} s each"
          + (", with sanitizers" if tool.sanitized else ""), flush=True)
    results = []
    for seed in seeds:
        for renderer in renderers:
            result = attack(tool, out / f"{seed}-{renderer}", renderer, seed, each, options.allow_missed)
            results.append(result)
            tell(result)
    totals = {key: sum(result[key] for result in results)
              for key in ("seconds", "episodes", "steps", "presented", "missed", "late", "starved", "hangs")}
    bad = [result for result in results if result["faults"]]
    (out / "fuzz.json").write_text(json.dumps(results, indent=1) + "\n")
    print(f"fuzz: {totals['seconds'] / 60:.1f} minutes, {totals['episodes']} connections, {totals['steps']} requests and more of "
          f"attacks; witness frames: {totals['presented']} presented, {totals['missed']} missed, {totals['starved']} starved, "
          f"{totals['late']} late; longest answer {max(result['longest_answer_s'] for result in results) * 1000:.0f} ms; "
          f"{len(bad)} of {len(results)} sessions have faults", flush=True)
    return 1 if bad else 0


def total(value):
    return sum(value.values()) if isinstance(value, dict) else value


def tell(result):
    held = ""
    if result["after"] is not None:
        held = ", ".join(f"{key} {total(result['before'][key])} -> {total(result['after'][key])}"
                         for key in ("heap", "fds", "mapped") if result["after"][key] is not None)
    print(f"fuzz: seed {result['seed']} {result['renderer']}: {result['seconds']:.0f} s, {result['episodes']} connections, "
          f"{result['steps']} requests; witness {result['presented']} presented, {result['missed']} missed"
          + (f" ({result['missed_during']})" if result["missed"] else "") + f", {result['starved']} starved, {result['late']} late; longest answer {result['longest_answer_s'] * 1000:.0f} ms; {held}"
          + ("" if result["real_time"] else "; not SCHED_RR"), flush=True)
    for fault in result["faults"]:
        print(f"fuzz: seed {result['seed']} {result['renderer']}: FAULT: {fault}", flush=True)


def steps_of(tool, name, offered=None):
    """Of a file, or of an episode by its name."""
    if pathlib.Path(name).exists():
        return play.load(pathlib.Path(name).read_text())
    interfaces = signatures.read(tool.xml)
    known = json.loads(offered) if offered else sorted((each, 0, interfaces[each].version) for each in interfaces
                                                      if each.endswith("_manager_v1") or each in (
                                                          "wl_compositor", "wl_subcompositor", "wl_shm", "wl_seat", "wl_output",
                                                          "xdg_wm_base", "wp_viewporter", "wp_presentation"))
    return moves.episode(interfaces, known, name)


def print_steps(options):
    for step in steps_of(tools(), options.name, options.offered):
        print(play.dump(step))
    return 0


def print_bytes(options):
    """What is only known at a compositor is 0 in it."""
    tool = tools()
    player = play.Player(signatures.read(tool.xml))
    player.put = lambda data, fds=(): print(data.hex())
    for step in steps_of(tool, options.name, options.offered):
        player.step(step)
    return 0


def survives(tool, folder, renderer, steps, kind):
    """Plays them once. None: it lives and answers; else what happened."""
    with Session(tool, folder, renderer, 0) as session:
        try:
            play.play(signatures.read(tool.xml), session.socket(kind), steps)
        except wire.Stuck as stuck:
            return str(stuck)
        except OSError:
            pass
        try:
            session.control.socket.settimeout(10)
            session.control.ask("get", what="layout")
            session.settle()
        except (AssertionError, OSError) as fault:
            return f"it does not answer any more: {fault}; {stage.complaints(session.said()) or session.said()[-1500:]}"
        session.control.close()
        session.compositor.popen.terminate()
        status = session.compositor.popen.wait(60)
        words = stage.complaints(session.said())
        return words or (f"it ended with {status}" if status != 0 else None)


def replay(options):
    """Speaks TAP: the corpus is a test."""
    tool, bad = tools(), 0
    files = options.files or sorted(CORPUS.glob("*.steps"))
    number = 0
    for file in map(pathlib.Path, files):
        text = file.read_text()
        for renderer in RENDERERS:
            number += 1
            fault = survives(tool, pathlib.Path(options.out) / f"replay-{file.stem}-{renderer}", renderer, play.load(text), kind_of(text))
            print(f"{'not ok' if fault else 'ok'} {number} - {file.stem}-{renderer}", flush=True)
            for line in (fault or "").splitlines():
                print(f"# {line}")
            bad += fault is not None
    print(f"1..{number}")
    return 1 if bad else 0


def minimise(options):
    """The least of a file's steps that still end the compositor."""
    tool = tools()
    path = pathlib.Path(options.file)
    text = path.read_text()
    steps, kind = play.load(text), kind_of(text)

    def dies(candidate):
        return survives(tool, pathlib.Path(options.out) / "minimise", options.renderer, candidate, kind) is not None

    if not dies(steps):
        print("minimise: it lives: there was more to it than these steps")
        return 1
    steps = play.reduce(steps, dies, lambda left: print(f"minimise: {len(left)} steps", flush=True))
    write_steps(path.with_suffix(".min.steps"), steps, f"{kind}, of {path.name}")
    print(f"minimise: {path.with_suffix('.min.steps')}")
    return 0


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="./dev fuzz", description="hostile clients against a real compositor")
    commands = parser.add_subparsers(dest="command")
    part = commands.add_parser("run")
    part.add_argument("--minutes", type=float, default=10)
    part.add_argument("--seeds", default="1..5", metavar="A..B")
    part.add_argument("--renderer", choices=RENDERERS, help="only this one")
    part.add_argument("--allow-missed", type=float, default=0.0, metavar="PERCENT")
    for name in ("print", "bytes"):
        part = commands.add_parser(name)
        part.add_argument("name")
        part.add_argument("offered", nargs="?")
    part = commands.add_parser("replay")
    part.add_argument("files", nargs="*")
    part = commands.add_parser("minimise")
    part.add_argument("file")
    part.add_argument("--renderer", default="pixman", choices=RENDERERS)
    for part in commands.choices.values():
        part.add_argument("--out", default="out/fuzz/protocol")
    if not arguments or arguments[0] not in commands.choices:
        arguments = ["run", *arguments]
    return parser.parse_args(arguments)


def main(arguments):
    options = options_of(arguments)
    stage.measure.go_first()
    command = {"run": run, "print": print_steps, "bytes": print_bytes, "replay": replay, "minimise": minimise}
    return command[options.command](options)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as reason:
        sys.exit(f"fuzz: {reason}")
