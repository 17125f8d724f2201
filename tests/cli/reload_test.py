#!/usr/bin/env python3
"""Saving a layout changes the running cockpit; breaking it changes nothing and says where.

usage: reload_test.py BINNACLE BINNACLECTL
"""
import os
import re
import sys

from rig import LAYOUT, main, same, until

CASES = []


def case(function):
    CASES.append(function)
    return function


def painted(colour):
    return LAYOUT.replace("#102030", f"#{colour:06x}")


def shows(cockpit, colour):
    until(f"#{colour:06x} on glass", lambda: cockpit.pixel("main", 5, 5) == colour)


def watched(stage):
    """A cockpit that shows its first colour, with a connection that is told what changes."""
    cockpit = stage.start()
    shows(cockpit, 0x102030)
    assert cockpit.ask("watch")["ok"]
    same(cockpit.connection.event("snapshot")["reloads"], 0, "reloads")
    return cockpit


@case
def plain_save_is_seen(stage):
    cockpit = watched(stage)
    stage.layout.write_text(painted(0x405060))
    same(cockpit.connection.event("snapshot", "reload-failed").get("reloads"), 1, "reloads")
    shows(cockpit, 0x405060)


@case
def save_by_rename_is_seen_every_time(stage):
    cockpit = watched(stage)
    for number, colour in enumerate((0x405060, 0x708090, 0xa0b0c0), 1):
        stage.write(".layout.yaml.swp", painted(colour)).rename(stage.layout)
        same(cockpit.connection.event("snapshot", "reload-failed").get("reloads"), number, "reloads")
        shows(cockpit, colour)


@case
def save_with_a_backup_moved_away_is_seen(stage):
    cockpit = watched(stage)
    stage.layout.rename(stage.path / "layout.yaml~")
    stage.layout.write_text(painted(0x405060))
    same(cockpit.connection.event("snapshot", "reload-failed").get("reloads"), 1, "reloads")
    shows(cockpit, 0x405060)


@case
def half_written_file_waits_for_its_writer(stage):
    cockpit = watched(stage)
    text = painted(0x405060).encode()
    fd = os.open(stage.layout, os.O_WRONLY | os.O_TRUNC)
    os.write(fd, text[:len(text) // 2])
    # Two answers: whatever the write made ready was looked at before the second.
    for _ in range(2):
        same(cockpit.ask("get", what="layout")["reloads"], 0, "reloads")
    os.write(fd, text[len(text) // 2:])
    os.close(fd)
    same(cockpit.connection.event("snapshot", "reload-failed").get("reloads"), 1, "reloads")
    shows(cockpit, 0x405060)


@case
def half_saved_file_is_refused_and_the_rest_accepted(stage):
    cockpit = watched(stage)
    text = painted(0x405060)
    stage.layout.write_text(text[:text.index('"*"')])
    same(cockpit.connection.event("snapshot", "reload-failed")["event"], "reload-failed", "after the half")
    shows(cockpit, 0x102030)
    with open(stage.layout, "a", encoding="ascii") as file:
        file.write(text[text.index('"*"'):])
    same(cockpit.connection.event("snapshot", "reload-failed").get("reloads"), 1, "after the rest")
    shows(cockpit, 0x405060)


@case
def changed_include_is_seen(stage):
    stage.write("brand.yaml", 'zones: { main: { empty: "#102030" } }\n')
    stage.layout.write_text(LAYOUT.replace("binnacle: 1\n", "binnacle: 1\ninclude: brand.yaml\n")
                            .replace(', empty: "#102030"', ""))
    cockpit = watched(stage)
    stage.write("brand.yaml", 'zones: { main: { empty: "#405060" } }\n')
    same(cockpit.connection.event("snapshot", "reload-failed").get("reloads"), 1, "reloads")
    shows(cockpit, 0x405060)


@case
def include_of_a_new_folder_is_watched_from_then_on(stage):
    cockpit = watched(stage)
    (stage.path / "brands").mkdir()
    stage.write("brands/north.yaml", 'zones: { main: { empty: "#405060" } }\n')
    stage.layout.write_text(LAYOUT.replace("binnacle: 1\n", "binnacle: 1\ninclude: brands/north.yaml\n")
                            .replace(', empty: "#102030"', ""))
    same(cockpit.connection.event("snapshot", "reload-failed").get("reloads"), 1, "reloads")
    shows(cockpit, 0x405060)
    stage.write("brands/north.yaml", 'zones: { main: { empty: "#708090" } }\n')
    same(cockpit.connection.event("snapshot", "reload-failed").get("reloads"), 2, "reloads")
    shows(cockpit, 0x708090)


@case
def absent_include_that_comes_is_seen(stage):
    cockpit = watched(stage)
    stage.layout.write_text(LAYOUT.replace("binnacle: 1\n", "binnacle: 1\ninclude: late.yaml\n")
                            .replace(', empty: "#102030"', ""))
    same(cockpit.connection.event("snapshot", "reload-failed")["event"], "reload-failed", "without it")
    stage.write("late.yaml", 'zones: { main: { empty: "#405060" } }\n')
    same(cockpit.connection.event("snapshot", "reload-failed").get("reloads"), 1, "with it")
    shows(cockpit, 0x405060)


@case
def last_of_many_quick_saves_wins(stage):
    cockpit = watched(stage)
    # Long enough that the later saves come while the first is loading.
    tail = "signals:\n" + "".join(f"  Vehicle.Signal{i}: {{ stale-after: 500ms }}\n" for i in range(400))
    for turn in range(20):
        for step in range(8):
            stage.layout.write_text(painted(turn * 256 + step + 1) + tail)
        shows(cockpit, turn * 256 + 8)


@case
def broken_save_changes_nothing_and_is_told_with_its_place(stage):
    cockpit = watched(stage)
    people, programs = stage.watch(), stage.watch("--json")
    people.until("^zone main")
    programs.until('"event":"snapshot"')
    stage.layout.write_text(painted(0x405060).replace("rect: full", "rect: [0, 0, 100]"))
    fault = cockpit.connection.event("snapshot", "reload-failed")["faults"][0]
    column = painted(0x405060).splitlines()[6].index("rect: full") + 1 + len("rect: ")
    same((fault["file"], fault["line"], fault["severity"]), (str(stage.layout), 7, "error"), "fault")
    same(fault["column"], column, "column")
    people.until("reload failed, everything stays")
    people.until(rf"layout\.yaml:7:{column}: error: ")
    programs.until(rf'"event":"reload-failed".*"line":7,"column":{column}')
    assert re.search(rf"layout\.yaml:7:{column}: error: ", cockpit.said()), cockpit.said()
    shows(cockpit, 0x102030)
    layout = cockpit.ask("get", what="layout")
    same((layout["reloads"], layout["faults"][0]["line"]), (0, 7), "get layout")


@case
def reload_by_command_prints_the_faults_and_fails(stage):
    stage.start()
    same(stage.control("reload").status, 0, "status of a good one")
    stage.layout.write_text(painted(0x405060) + "colour: blue\n")
    ended = stage.control("reload")
    same(ended.status, 1, "status of a bad one")
    assert re.search(r"layout\.yaml:8:1: error: .*colour", ended.out + ended.err), ended.out + ended.err


@case
def removed_layout_changes_nothing_until_it_is_back(stage):
    cockpit = watched(stage)
    stage.layout.unlink()
    same(stage.control("reload").status, 1, "status without a file")
    shows(cockpit, 0x102030)
    stage.layout.write_text(painted(0x405060))
    shows(cockpit, 0x405060)


def private_at(x):
    return LAYOUT.replace("layer: app", "layer: background").replace("#102030", "#405060") + (
        f'  mine: {{ display: left, rect: [{x}, 0, 100, 100%], layer: app, grant: x, empty: "#102030", private: true }}\n'
        "apps: { x: {} }\n")


@case
def private_zone_that_moves_is_in_no_picture(stage):
    stage.layout.write_text(private_at(0))
    cockpit = stage.start()
    until("the private zone as black", lambda: cockpit.colours("left") == {0x000000, 0x405060})
    for turn in range(1, 20):
        x = turn % 3 * 110
        stage.layout.write_text(private_at(x))

        def moved():
            colours = cockpit.colours("left")
            assert 0x102030 not in colours, "the private zone was pictured"
            return cockpit.pixel("left", x + 50, 5) == 0
        until("the private zone at its new place", moved)


@case
def display_may_change_its_size(stage):
    cockpit = watched(stage)
    for number, (width, height) in enumerate(((640, 400), (160, 100), (200, 320), (320, 200)), 1):
        stage.layout.write_text(painted(0x405060 + number).replace("320x200", f"{width}x{height}"))

        def drawn():
            rows = cockpit.picture("left")  # an old picture has its old size: nothing but our colours is in it
            assert set().union(*rows) <= {0x102030, *range(0x405061, 0x405065)}, rows
            return (len(rows[0]), len(rows), rows[0][0]) == (width, height, 0x405060 + number) if rows else False
        until(f"{width}x{height}", drawn)


@case
def displays_zones_and_apps_may_all_change_at_once(stage):
    cockpit = watched(stage)
    stage.layout.write_text(LAYOUT.replace("left", "right").replace("main", "side").replace("320x200", "640x400")
                            .replace("#102030", "#405060"))
    same(cockpit.connection.event("snapshot", "reload-failed").get("reloads"), 1, "reloads")
    until("the new display", lambda: [(display["name"], display.get("width"))
                                      for display in cockpit.ask("get", what="displays")["displays"]] == [("right", 640)])
    until("the new zone on glass", lambda: cockpit.pixel("side", 600, 380) == 0x405060)


if __name__ == "__main__":
    sys.exit(main(CASES, sys.argv[1:]))
