"""The committed page: what one whole, green run measured, in a table, with a few small pictures of what was on glass."""
import json
import pathlib
import sys

import page
from picture import Picture
from table import PHASES, distinct

FOLDER = pathlib.Path(__file__).parent
PAGE = FOLDER / "report.md"
PICTURES = FOLDER / "pictures"
WIDTH = 1920      # px, of pictures side by side, at most
SIZE = 300 << 10  # bytes, of all of them

# Rows whose pictures are shown, one of each kind of reaction.
SHOWN = ("camera-crash", "cluster-hang", "telltale-absent", "video-while-driving", "compositor-killed", "display-unplugged")
MOMENTS = ("before", "during", "after")
BACKENDS = {"headless": "in memory", "nested": "in a window", "drm": "on a kernel's displays"}

HEAD = """# What the fault campaign measured

This page is made by `python3 tests/faults publish` of a run of the whole table in which nothing was missed;
[README.md](README.md) says what is judged, what is claimed and what is not. Times are milliseconds, measured / limit,
from the fault to when it was told, to what must be on glass, and from the fault's end to all being as before.
The last column is the same run **with the mechanism disabled**: it must fail.

"""


def choose(cells):
    """The campaign's own order; what cannot be published ends it."""
    bad = [f"{cell['row']} {cell['renderer']}: {page.verdict_words(cell)}" for cell in cells if not page.is_good(cell)]
    if not cells or bad:
        sys.exit("faults: only a whole run without a miss is published\n" + "\n".join(bad))
    return cells


def numbers(results, cells, rows):
    found = {cell["row"] for cell in cells}
    counted = distinct([row for row in rows if row.name in found])
    controls = sum(cell["control"]["verdict"] == "missed" for cell in cells)
    pairs = sum(row.pair for row in rows if row.name in found)
    again = sum(any(note.startswith("measured again") for note in cell["notes"]) for cell in cells)
    machine = results["machine"]
    return (f"{len(found)} faults in {len(cells)} runs, {pairs} of them two faults at once: **all caught**, by "
            f"{len(counted)} distinct mechanisms with their reactions; **all {controls} control runs failed**, as they must. "
            f"{machine['when']}, a virtual machine with {machine['processors']} processors, load {machine['load']}; {again} of the runs were late while others had much of "
            "it, and were measured again.\n\n")


def strip(out, cell):
    """Before, during and after, side by side; wide ones one beneath the other."""
    pictures = [Picture.from_png((out / "pictures" / cell["photos"][moment]).read_bytes())
                for moment in MOMENTS if moment in cell["photos"]]
    # With a display less a picture may have been kept at twice the size.
    narrowest = min(picture.width for picture in pictures)
    pictures = [picture.half() if picture.width > 1.25 * narrowest else picture for picture in pictures]
    if pictures[0].width > 3 * pictures[0].height:
        return Picture.beneath(pictures)
    while sum(picture.width for picture in pictures) > WIDTH:
        pictures = [picture.half() for picture in pictures]
    return Picture.beside(pictures)


def pictures(out, cells):
    """Writes them; what to say about each, in the page."""
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    lines, size = [], 0
    for name in SHOWN:
        cell = next((cell for cell in cells if cell["row"] == name), None)
        if cell is None:
            continue
        data = strip(out, cell).png()
        (PICTURES / f"{name}.png").write_bytes(data)
        size += len(data)
        lines.append(f"**{cell['fault']}**: {cell['reaction']}. Before, during and after:\n\n![{name}](pictures/{name}.png)\n")
    if size > SIZE:
        sys.exit(f"faults: the pictures have {size >> 10} KiB; {SIZE >> 10} are enough")
    return "\n".join(lines)


def control_words(cell):
    control = cell["control"]
    return {"missed": f"fails ({control['off']})", "shared": control["off"]}.get(control["verdict"], "as above")


def line(cell):
    phases = [page.limit_words(cell, phase).replace("/", " / ") for phase in PHASES]
    where = f"{cell['renderer']}, {BACKENDS[cell['backend']]}"
    words = [cell["fault"], cell["state"], cell["mechanism"], cell["reaction"], where, *phases, control_words(cell)]
    return "| " + " | ".join(word.replace("|", "\\|") for word in words) + " |"


def table(cells, rows):
    """By the files of rows, which say in their first line what they are about."""
    head = ["fault", "state", "mechanism", "reaction", "drawn by, shown", "told", "on glass", "as before", "without it"]
    text = []
    for module in dict.fromkeys(row.play.__module__ for row in rows):
        names = {row.name for row in rows if row.play.__module__ == module}
        lines = [line(cell) for cell in cells if cell["row"] in names]
        if lines:
            title = sys.modules[module].__doc__.strip().splitlines()[0].rstrip(".")
            text.append(f"## {title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}\n" + "\n".join(lines) + "\n")
    return "\n".join(text)


def publish(out, rows):
    results = json.loads((out / "results.json").read_text())
    cells = choose(results["cells"])
    missing = {row.name for row in rows} - {cell["row"] for cell in cells}
    if missing:
        sys.exit(f"faults: this was not the whole table: {', '.join(sorted(missing))}")
    PAGE.write_text(HEAD + numbers(results, cells, rows) + pictures(out, cells) + "\n" + table(cells, rows))
    print(PAGE)
