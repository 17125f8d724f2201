"""The fault campaign: every fault of the table upon a running cockpit, measured, with pictures of what was on glass.

usage: faults run|report|publish|list [--build DIR] [--out DIR] [--backends LIST] [--only ROW,...] [--quick] [--tap] [--skip REASON]

run       plays rows; what it finds is kept in DIR, by back ends
report    makes table.txt, results.json and index.html of what was kept; rows of these back ends that nobody
          played are skipped for REASON
publish   makes tests/faults/report.md and its pictures of what `report` left in DIR, if that was the whole table
          and nothing was missed
list      prints the table
--quick   the short form: in about a minute, and judged by what is told and seen. Times are printed; only the
          full form judges them.
--tap     prints TAP, for meson
"""
import argparse
import datetime
import json
import os
import pathlib
import sys
import time
import traceback
import types

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import page
import publish
import rows_apps  # noqa: F401 # pylint: disable=unused-import
import rows_wire  # noqa: F401 # pylint: disable=unused-import
import rows_control  # noqa: F401 # pylint: disable=unused-import
import rows_layout  # noqa: F401 # pylint: disable=unused-import
import rows_machine  # noqa: F401 # pylint: disable=unused-import
import rows_glass  # noqa: F401 # pylint: disable=unused-import
import rows_guard  # noqa: F401 # pylint: disable=unused-import
import rows_kms  # noqa: F401 # pylint: disable=unused-import
import table
from features import Features
from others import BUSY, Others, await_calm
from scene import Broken, Missed, Scene

BACKENDS = ("headless", "nested", "drm")
ATTEMPTS = 4  # at a row that comes late


def find_tools(build, sanitized):
    guards = sorted((build / "compositor").rglob("binnacle-guard"))
    return types.SimpleNamespace(
        binnacle=build / "compositor/binnacle", ctl=build / "clients/binnaclectl", probe=build / "clients/binnacle-probe",
        client=build / "tests/faults/fault-client", shim=build / "tests/faults/libfault-shim.so", type=build / "tests/apps/type",
        fences=build / "tests/kms/fence-probe",
        guard=guards[0] if guards else pathlib.Path("binnacle-guard"), sanitized=sanitized)


class Kit:
    """What all scenes share."""

    def __init__(self, tools, out, judged):
        self.tools, self.judged, self.features = tools, judged, Features(tools)
        self.pictures = out / "pictures"
        self.pictures.mkdir(parents=True, exist_ok=True)

    @staticmethod
    def now():
        return time.monotonic()


def play(kit, row, renderer, off):
    """(verdict, sentence, scene) of one run."""
    scene = Scene(kit, row, renderer, off)
    try:
        row.play(scene)
        scene.finish()
        late = "; ".join(scene.late)
        return ("late", late, scene) if late and kit.judged else ("caught", late, scene)
    except Missed as reason:
        scene.photo("after")
        log = "" if off else "\n" + scene.log_text()[-1500:]
        return "missed", f"{reason}{log}", scene
    except Broken as reason:
        return "broken", str(reason), scene
    except Exception:  # pylint: disable=broad-except
        return "broken", traceback.format_exc() + scene.log_text()[-1500:], scene
    finally:
        scene.close()


def play_control(kit, row, renderer):
    """Once more without the mechanism: that must fail, or the run proves nothing."""
    control = {"off": row.off or f"see {row.control}", "said": "", "photos": {}}
    if row.control != "own":
        return {**control, "verdict": "shared"}
    if renderer != row.renderers[0]:
        return {**control, "verdict": "with another renderer"}
    verdict, said, scene = play(kit, row, renderer, True)
    verdict = {"caught": "passed", "late": "passed"}.get(verdict, verdict)
    if verdict == "passed":
        said = "the run passes without the mechanism: something else catches this fault, or nothing looks"
    return {**control, "verdict": verdict, "said": said, "photos": scene.photos}


def describe(row, renderer):
    return {"row": row.name, "fault": row.fault, "state": row.state, "mechanism": row.mechanism, "reaction": row.reaction,
            "renderer": renderer, "backend": row.backend, "pair": row.pair,
            "limits": {phase: {"ms": limit.ms, "source": limit.source} for phase, limit in row.limits().items()},
            "times": {}, "notes": [], "photos": {}, "said": "",
            "control": {"off": row.off or f"see {row.control}", "verdict": "-", "said": "", "photos": {}}}


def measure(kit, row, renderer):
    """
    A limit that was passed while others had much of the machine is measured again, and that is noted. Under a guard who
    starves for 150 ms is killed, as he must be, whether that was the fault's moment or not.
    """
    notes = []
    for left in reversed(range(ATTEMPTS)):
        others = Others()
        verdict, said, scene = play(kit, row, renderer, False)
        share = others.share()
        excused = verdict == "late" or (scene.strictly_watched and verdict != "caught")
        if not excused or share < BUSY or left == 0:
            break
        notes.append(f"measured again, since others had {share:.0%} of the machine: {page.first_line(said)}")
        await_calm()
    scene.notes = notes + scene.notes
    return verdict, said, scene


def run_cell(kit, row, renderer):
    cell = describe(row, renderer)
    reason = kit.features.lacks(row.needs)
    if reason:
        return {**cell, "verdict": "skipped", "said": reason}
    verdict, said, scene = measure(kit, row, renderer)
    cell.update({"verdict": verdict, "said": said, "times": scene.times, "notes": scene.notes, "photos": scene.photos})
    if verdict == "caught":
        cell["control"] = play_control(kit, row, renderer)
    return cell


def words(cell):
    """One line about a cell."""
    if page.is_skipped(cell):
        return f"skipped: {cell['said']}"
    times = ", ".join(f"{phase} {page.limit_words(cell, phase)} ms" for phase in cell["limits"])
    control = cell["control"]["verdict"]
    return f"{page.verdict_words(cell)}: {times}; without the mechanism: {control}"


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def choose(args):
    wanted = [row for row in table.ROWS if row.backend in args.backends and (row.quick or not args.quick)]
    if args.only:
        unknown = set(args.only) - {row.name for row in table.ROWS}
        if unknown:
            sys.exit(f"faults: no row is called {', '.join(sorted(unknown))}; see: faults list")
        wanted = [row for row in table.ROWS if row.name in args.only and row.backend in args.backends]
    return [(row, renderer) for row in wanted for renderer in (row.renderers[:1] if args.quick else row.renderers)]


def run(args):
    cells = choose(args)
    kit = Kit(find_tools(args.build, args.sanitized), args.out, not args.quick)
    begin, found = time.monotonic(), []
    for number, (row, renderer) in enumerate(cells, 1):
        cell = run_cell(kit, row, renderer)
        found.append(cell)
        passed = time.monotonic() - begin
        if args.tap:
            print_tap(number, cell)
        else:
            left = passed / number * (len(cells) - number)
            print(f"[{number:3}/{len(cells)}] {clock(passed)}, about {clock(left)} left  {row.name} {renderer}: {words(cell)}",
                  file=sys.stderr, flush=True)
        keep(args, found)  # what was found so far survives whatever ends us
    if args.tap:
        print(f"1..{len(cells)}", flush=True)
    return 0 if all(page.is_good(cell) or page.is_skipped(cell) for cell in found) else 1


def print_tap(number, cell):
    name = f"{cell['row']}-{cell['renderer']}"
    if page.is_skipped(cell):
        print(f"ok {number} - {name} # SKIP {cell['said']}", flush=True)
        return
    good = page.is_good(cell)
    for line in words(cell).splitlines() + ([] if good else (cell["said"] or cell["control"]["said"]).splitlines()):
        print(f"# {line}")
    print(f"{'ok' if good else 'not ok'} {number} - {name}", flush=True)


def kept(args, backend):
    return args.out / f"cells-{backend}.json"


def keep(args, found):
    """By back end, so that what another kernel found is not lost."""
    for backend in args.backends:
        kept(args, backend).write_text(json.dumps([cell for cell in found if cell["backend"] == backend], indent=1) + "\n")


def report(args):
    cells = []
    for backend in args.backends:
        found = json.loads(kept(args, backend).read_text()) if kept(args, backend).exists() else []
        names = {cell["row"] for cell in found}
        cells += found
        cells += [{**describe(row, renderer), "verdict": "skipped", "said": args.skip} for row, renderer in choose(args)
                  if args.skip and row.backend == backend and row.name not in names]
    machine = {"when": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"), "processors": os.cpu_count(),
               "load": " ".join(f"{load:.1f}" for load in os.getloadavg())}
    text, bad = page.write(args.out, cells, table.ROWS, machine)
    print(text)
    return 1 if bad else 0


def publish_page(args):
    publish.publish(args.out, table.ROWS)
    return 0


def list_rows(args):
    rows = list(dict.fromkeys(row for row, _ in choose(args)))
    for row in rows:
        print(f"{row.name}: {row.fault} ({row.state}; {', '.join(row.renderers)}; {row.backend})")
        print(f"  {row.mechanism} -> {row.reaction}")
        print(f"  without it: {row.off or 'see ' + row.control}")
        for phase, limit in row.limits().items():
            print(f"  {phase}: {limit.ms} ms, {limit.source}")
    if rows:
        print(f"{len(rows)} rows, {len(table.distinct(rows))} distinct mechanisms with their reactions")
    return 0


def main():
    parser = argparse.ArgumentParser(prog="faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", "report", "publish", "list"))
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("out/faults"))
    parser.add_argument("--backends", type=lambda names: names.split(","), default=list(BACKENDS))
    parser.add_argument("--only", type=lambda names: names.split(","), default=[])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--tap", action="store_true")
    parser.add_argument("--sanitized", action="store_true", help="the compositor is a sanitizer's build")
    parser.add_argument("--skip", default="")
    args = parser.parse_args()
    args.build, args.out = args.build.resolve(), args.out.resolve()
    faults = table.check()
    if faults:
        sys.exit("\n".join(f"faults: the table: {fault}" for fault in faults))
    if args.what in ("run", "report"):
        args.out.mkdir(parents=True, exist_ok=True)
    return {"run": run, "report": report, "publish": publish_page, "list": list_rows}[args.what](args)


if __name__ == "__main__":
    sys.exit(main())
