"""What the campaign found, as text, JSON and a page with pictures of what was on glass."""
import html
import json

from table import PHASES, distinct

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 76em; padding: 0 1em; color: #1b2128; background: #fff; }
h1 { font-size: 1.6em; margin-bottom: .2em } .lead { color: #56616d; margin-top: 0 }
section { border-top: 1px solid #d8dee4; padding: 1em 0 } h2 { font-size: 1.1em; margin: 0 0 .3em }
dl { display: grid; grid-template-columns: 9em 1fr; gap: .1em 1em; margin: .4em 0 } dt { color: #56616d } dd { margin: 0 }
figure { margin: 0; flex: 1 1 18em } figure img { width: 100%; border: 1px solid #d8dee4; image-rendering: auto } .pictures { display: flex; flex-wrap: wrap; gap: 1em }
figcaption { color: #56616d; font-size: .85em } table { border-collapse: collapse } td, th { text-align: left; padding: .15em 1.2em .15em 0; vertical-align: top }
.good { color: #14703a } .bad { color: #b3261e; font-weight: 600 } .skipped { color: #8a6d00 } code { background: #f1f4f6; padding: 0 .25em }
"""
WORDS = {"detect": "told after", "react": "on glass after", "recover": "as before after"}


def is_good(cell):
    return cell["verdict"] == "caught" and cell["control"]["verdict"] in ("missed", "shared", "with another renderer")


def is_skipped(cell):
    return cell["verdict"] == "skipped"


def limit_words(cell, phase):
    if phase not in cell["limits"]:
        return "-"
    ms = cell["times"].get(phase)
    return f"{ms:.0f}/{cell['limits'][phase]['ms']}" if ms is not None else f"?/{cell['limits'][phase]['ms']}"


def verdict_words(cell):
    if cell["verdict"] == "caught":
        return "caught" if is_good(cell) else "CONTROL PASSED"
    return f"{cell['verdict']}: {first_line(cell['said'])}" if is_skipped(cell) else cell["verdict"].upper()


def first_line(words):
    return words.strip().splitlines()[0][:160] if words.strip() else ""


def summary(cells, rows):
    good = {cell["row"] for cell in cells if is_good(cell)} - {cell["row"] for cell in cells
                                                              if not is_good(cell) and not is_skipped(cell)}
    counted = len(distinct([one for one in rows if one.name in good]))
    skipped = len({cell["row"] for cell in cells if is_skipped(cell)})
    bad = [cell for cell in cells if not is_good(cell) and not is_skipped(cell)]
    controls = sum(cell["control"]["verdict"] == "missed" for cell in cells)
    return (f"{len(cells)} runs of {len({cell['row'] for cell in cells})} rows: {len(cells) - len(bad)} well or skipped, "
            f"{len(bad)} not; {counted} distinct mechanisms with their reactions proved, {controls} control runs failed as "
            f"they must, {skipped} rows skipped"), bad


def table_text(cells, rows, machine):
    head = ["row", "state", "renderer", "back end", "told", "on glass", "recovered", "verdict", "control"]
    lines = [[cell["row"], cell["state"], cell["renderer"], cell["backend"], *(limit_words(cell, phase) for phase in PHASES),
              verdict_words(cell), cell["control"]["verdict"]] for cell in cells]
    widths = [max(len(line[i]) for line in [head] + lines) for i in range(len(head))]
    text = "\n".join("  ".join(word.ljust(width) for word, width in zip(line, widths)).rstrip() for line in [head] + lines)
    said, bad = summary(cells, rows)
    faults = "".join(f"\n{cell['row']} {cell['renderer']}: {cell['said'] or cell['control']['said']}" for cell in bad)
    return f"{machine['when']}, {machine['processors']} processors, load {machine['load']}\nTimes are ms / limit.\n\n{text}\n\n{said}\n{faults}"


def figure(name, words):
    return (f'<figure><a href="pictures/{name}"><img src="pictures/{name}" alt="{html.escape(words)}" loading="lazy"></a>'
            f"<figcaption>{html.escape(words)}</figcaption></figure>")


def cell_html(cell):
    state = "good" if is_good(cell) else "skipped" if is_skipped(cell) else "bad"
    title = f"{cell['row']} <small>{cell['renderer']}, {cell['backend']}</small>"
    facts = [("fault", cell["fault"]), ("state", cell["state"]), ("mechanism", cell["mechanism"]), ("reaction", cell["reaction"])]
    for phase, limit in cell["limits"].items():
        ms = cell["times"].get(phase)
        facts.append((WORDS[phase], f"{'-' if ms is None else f'{ms:.0f} ms'}, limit {limit['ms']} ms: {limit['source']}"))
    control = cell["control"]
    verdict = {"missed": "fails as it must", "shared": "see there"}.get(control["verdict"], control["verdict"])
    facts.append(("without it", f"{control['off']} - {verdict}{': ' if control['said'] else ''}{first_line(control['said'])}"))
    facts.extend(("noted", note) for note in cell["notes"])
    body = "".join(f"<dt>{html.escape(key)}</dt><dd>{html.escape(value)}</dd>" for key, value in facts)
    pictures = "".join(figure(name, moment) for moment, name in cell["photos"].items())
    pictures += "".join(figure(name, f"without the mechanism: {moment}") for moment, name in control["photos"].items()
                        if moment == "after")
    trouble = f"<pre>{html.escape(cell['said'] or control['said'])}</pre>" if state == "bad" else ""
    return (f'<section id="{cell["row"]}-{cell["renderer"]}"><h2>{title} <span class="{state}">'
            f"{html.escape(verdict_words(cell))}</span></h2><dl>{body}</dl><div class=\"pictures\">{pictures}</div>"
            f"{trouble}</section>")


def page_html(cells, rows, machine):
    said, _ = summary(cells, rows)
    lines = "".join(
        f'<tr><td><a href="#{cell["row"]}-{cell["renderer"]}">{cell["row"]}</a></td><td>{cell["state"]}</td>'
        f"<td>{cell['renderer']}</td><td>{cell['backend']}</td>"
        + "".join(f"<td>{limit_words(cell, phase)}</td>" for phase in PHASES)
        + f'<td class="{"good" if is_good(cell) else "skipped" if is_skipped(cell) else "bad"}">'
          f"{html.escape(verdict_words(cell))}</td></tr>" for cell in cells)
    head = "".join(f"<th>{word}</th>" for word in ("row", "state", "renderer", "back end", "told, ms / limit", "on glass",
                                                   "recovered", ""))
    return (f"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Binnacle: the fault campaign</title><style>{STYLE}</style>"
            f"<h1>The fault campaign</h1><p class=\"lead\">{html.escape(machine['when'])}, {machine['processors']} processors, load "
            f"{html.escape(machine['load'])}. {html.escape(said)}.</p><p>Each fault was brought upon a running cockpit, and once more "
            "with the mechanism that caught it disabled. Pictures are what was on glass. What is claimed and what is not: "
            "<code>tests/faults/README.md</code>.</p>"
            f"<table><tr>{head}</tr>{lines}</table>{''.join(cell_html(cell) for cell in cells)}</html>\n")


def write(out, cells, rows, machine):
    """All three; returns the text and the cells that went wrong."""
    text = table_text(cells, rows, machine)
    (out / "table.txt").write_text(text)
    (out / "results.json").write_text(json.dumps({"machine": machine, "cells": cells}, indent=1) + "\n")
    (out / "index.html").write_text(page_html(cells, rows, machine))
    return text, summary(cells, rows)[1]
