"""Layouts that are broken, half written, cyclic, too large or gone while the cockpit runs."""
import copy
import json
import os

from cockpit import CINEMA, CLUSTER, NAV, text
from table import NEWS, SHOWN, TELL, row

ATOMIC = "reload: checked as a whole before anything is replaced"
NEW_EMPTY = 0x4070b0


def recoloured(layout):
    """A layout that can be told from the first by zone side."""
    changed = copy.deepcopy(layout)
    changed["zones"]["side"]["empty"] = text(NEW_EMPTY)
    return changed


def running(scene, state="driving"):
    layout = scene.layout()
    scene.start(layout)
    scene.drive(state)
    scene.ready(main=NAV)
    return layout


def refused(scene, save, pattern):
    """It is told where it is wrong, and nothing has changed."""
    scene.inject(save)
    scene.detect("it is told, with its place", scene.event("reload-failed", lambda told: any(
        pattern in fault["text"] and (fault["line"] or 0) > 0 for fault in told["faults"])))
    scene.react("the map", scene.shows("main", NAV))
    scene.require("the new colour is on glass", scene.share("side", NEW_EMPTY) == 0)


def mended(scene, layout):
    scene.undo(lambda: scene.write("layout.yaml", recoloured(layout)))
    scene.recover("the good layout", scene.shows("side", NEW_EMPTY))


@row("bad-layout", fault="a save that puts the camera half off its display", state="driving", mechanism=ATOMIC,
     reaction="refused with file, line and column; everything stays", off="the zone is of a layer that may", detect=TELL,
     react=SHOWN, recover=SHOWN, quick=True)
def bad_layout(scene):
    layout = running(scene)
    changed = recoloured(layout)
    changed["zones"]["camera"]["rect"] = [0, "50%", "60%", "100%"]
    if scene.off:
        changed["zones"]["camera"]["layer"] = "overlay"
    refused(scene, lambda: scene.write("layout.yaml", changed), "beyond")
    mended(scene, layout)


@row("half-saved-layout", fault="an editor that saves half a file", state="reversing", mechanism=ATOMIC,
     reaction="refused with file, line and column; everything stays", off="", control="bad-layout", detect=TELL, react=SHOWN,
     recover=SHOWN)
def half_saved_layout(scene):
    layout = running(scene, "driving")
    whole = json.dumps(recoloured(layout), indent=1)
    refused(scene, lambda: scene.write("layout.yaml", whole[:len(whole) // 2]), "YAML")
    mended(scene, layout)


@row("half-written-layout", fault="an editor that takes its time", state="driving",
     mechanism="reload: a file is read when its writer has closed it",
     reaction="nothing is told, nothing changes, until it is whole",
     off="it closes the file in between", react=SHOWN, recover=SHOWN, quick=True)
def half_written_layout(scene):
    layout = running(scene)
    whole = (json.dumps(recoloured(layout), indent=1) + "\n").encode()
    path = scene.path / "layout.yaml"

    def half():
        fd = os.open(path, os.O_WRONLY | os.O_TRUNC)
        os.write(fd, whole[:len(whole) // 2])
        if not scene.off:
            return fd
        os.close(fd)
        scene.until("it is looked at", scene.event("reload-failed"))
        return os.open(path, os.O_WRONLY | os.O_APPEND)
    fd = scene.inject(half)
    scene.react("the map", scene.shows("main", NAV))
    # Two answers: whatever the write made ready was looked at before the second.
    for _ in range(2):
        scene.ask("get", what="layout")
    scene.undo(lambda: (os.write(fd, whole[len(whole) // 2:]), os.close(fd)))
    scene.recover("the whole file", scene.shows("side", NEW_EMPTY))
    scene.require("half a file was looked at", scene.count_events("reload-failed") == 0)


@row("include-cycle", fault="a layout that includes itself by way of another", state="driving",
     mechanism="reload: a chain of includes may not come back", reaction="refused, naming the chain; everything stays",
     off="the other one includes nothing", detect=TELL, react=SHOWN, recover=SHOWN, quick=True)
def include_cycle(scene):
    layout = running(scene)
    changed = {**recoloured(layout), "include": ["other.yaml"]}
    scene.write("other.yaml", {} if scene.off else {"include": ["layout.yaml"]})
    refused(scene, lambda: scene.write("layout.yaml", changed), "includes itself")
    mended(scene, layout)


@row("layout-of-aliases", fault="a layout whose aliases multiply: a billion laughs", state="driving",
     mechanism="reload: aliases, depth and sizes are limited", reaction="refused with its place; everything stays",
     off="three aliases in place of a billion", detect=TELL, react=SHOWN, recover=SHOWN)
def layout_of_aliases(scene):
    layout = running(scene)
    values = ["&a0 [nav]"] + (["*a0"] * 3 if scene.off else [f"&a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)])
    zones = ", ".join(f'"a{i}": {{"display": "center", "grant": {value}}}' for i, value in enumerate(values))
    body = json.dumps(recoloured(layout))[:-1] + f', "profiles": {{"laughs": {{"zones": {{{zones}}}}}}}}}\n'
    refused(scene, lambda: scene.write("layout.yaml", body), "more entries")
    mended(scene, layout)


@row("layout-removed", fault="the layout's file is deleted, and somebody says reload", state="driving",
     mechanism="reload: what cannot be read replaces nothing", reaction="refused by name; everything stays",
     off="there is another file in its place", detect=NEWS, react=SHOWN, recover=SHOWN)
def layout_removed(scene):
    layout = running(scene)

    def remove():
        (scene.path / "layout.yaml").unlink()
        if scene.off:
            scene.write("layout.yaml", recoloured(layout))
        return scene.ask("reload")
    reply = scene.inject(remove)
    scene.detect("the command fails", lambda: not reply["ok"])
    scene.react("the map", scene.shows("main", NAV))
    scene.require("the new colour is on glass", scene.share("side", NEW_EMPTY) == 0)
    mended(scene, layout)


@row("display-removed", fault="a save without the passenger's display", state="driving",
     mechanism="reload: displays come and go with the layout", reaction="the others go on; it is back with its app",
     off="the save has it, as before", detect=TELL, react=SHOWN, recover=SHOWN)
def display_removed(scene):
    layout = scene.layout()
    scene.start(layout)
    scene.client("paint", by="cinema", colour=CINEMA)
    scene.drive("driving")
    scene.ready(main=NAV, movie=CINEMA)
    changed = copy.deepcopy(layout)
    if not scene.off:
        del changed["displays"]["passenger"], changed["zones"]["movie"], changed["occupants"]["passenger"]
        del changed["apps"]["cinema"]
    scene.inject(lambda: scene.write("layout.yaml", changed))
    scene.detect("it is told", scene.event("snapshot", lambda told: not any(
        display["name"] == "passenger" for display in told["displays"])))
    scene.boxes.pop("movie")
    scene.react("instruments as before", scene.shows("gauges", CLUSTER))
    scene.undo(lambda: scene.write("layout.yaml", layout))
    scene.until("it is there again", lambda: any(zone["name"] == "movie" for zone in scene.get("zones")))
    scene.boxes["movie"] = ("passenger", (0, 0, 320, 180))
    scene.recover("its app", scene.shows("movie", CINEMA))
