#!/usr/bin/env python3
"""What cannot start says why in one sentence; what can, starts, runs a command and cleans up.

usage: cli_test.py BINNACLE BINNACLECTL
"""
import hashlib
import json
import os
import re
import signal
import sys
import xml.etree.ElementTree

from rig import LAYOUT, Connection, environment, main, same, until

CASES = []


def case(function):
    CASES.append(function)
    return function


def refused(ended, status, *patterns):
    """It ended with this status, after exactly one sentence that says all this."""
    same(ended.status, status, f"status, after {ended.err!r}")
    same(ended.others, [], "lines that are neither log nor sentence")
    same(len(ended.sentences), 1, f"sentences in {ended.err!r}")
    for pattern in patterns:
        assert re.search(pattern, ended.sentences[0]), f"{ended.sentences[0]!r} does not say {pattern!r}"
    assert len(ended.sentences[0]) < 300, f"too long for a sentence: {ended.sentences[0]!r}"


# Nothing to show it on


@case
def no_desktop_and_no_seat_is_no_display(stage):
    refused(stage.run("--layout", stage.layout, "--", "true"), 1, "no display", "--backend headless")


@case
def wayland_without_a_desktop_names_the_variable(stage):
    refused(stage.run("--layout", stage.layout, "--backend", "wayland"), 1, "Wayland", "WAYLAND_DISPLAY is not set")


@case
def wayland_with_a_dead_desktop_names_it(stage):
    env = environment(stage.runtime, WAYLAND_DISPLAY="wayland-gone")
    refused(stage.run("--layout", stage.layout, "--backend", "wayland", env=env), 1, "WAYLAND_DISPLAY=wayland-gone")
    refused(stage.run("--layout", stage.layout, env=env), 1, "WAYLAND_DISPLAY=wayland-gone")


@case
def x11_without_a_desktop_names_the_variable(stage):
    refused(stage.run("--layout", stage.layout, "--backend", "x11"), 1, "X11", "DISPLAY is not set")


@case
def x11_with_a_dead_desktop_names_it(stage):
    env = environment(stage.runtime, DISPLAY="nowhere.invalid:7")
    refused(stage.run("--layout", stage.layout, "--backend", "x11", env=env), 1, "DISPLAY=nowhere.invalid:7")


@case
def gles_needs_no_gpu(stage):
    ended = stage.cockpit("--renderer", "gles", "--", "true")
    same(ended.status, 0, f"status, after {ended.err}")
    assert "renderer: gles, as asked" in ended.err, ended.err


@case
def pixman_is_chosen_where_there_is_no_gpu_and_the_log_says_why(stage):
    ended = stage.cockpit("--", "true")
    same((ended.status, ended.sentences), (0, []), ended.err)
    assert re.search("renderer: pixman, since there is no GPU", ended.err), ended.err


# The command line


@case
def unknown_renderer_lists_the_known_ones(stage):
    refused(stage.cockpit("--renderer", "bogus"), 2, "'bogus'", "auto gles pixman")


@case
def unknown_backend_lists_the_known_ones(stage):
    refused(stage.cockpit("--backend", "fbdev"), 2, "'fbdev'", "auto drm wayland x11 headless")


@case
def unknown_options_are_named(stage):
    refused(stage.cockpit("--bogus"), 2, "--bogus", "--help")
    refused(stage.cockpit("-x"), 2, "-x", "--help")
    refused(stage.cockpit("--verbose=3"), 2, "--verbose=3", "--help")


@case
def option_without_its_value_is_named(stage):
    refused(stage.run("--layout"), 2, "--layout needs a value")


@case
def window_scale_must_be_a_sensible_number(stage):
    for text in ("big", "", "0", "-1", "5", "nan", "inf", "1x", "1 1"):
        refused(stage.cockpit("--window-scale", text), 2, f"'{text}' is not a number from 0.1 to 4")
    same(stage.cockpit("--window-scale", "0.5", "--", "true").status, 0, "status")


@case
def help_and_version_need_nothing(stage):
    env = environment(stage.runtime, XDG_RUNTIME_DIR=None)
    ended = stage.run("--help", env=env)
    same((ended.status, ended.err), (0, ""), "help")
    for option in ("--layout", "--backend", "--renderer", "--socket", "--list-displays", "--init", "CMD"):
        assert option in ended.out, option
    ended = stage.run("--version", env=env)
    same((ended.status, ended.err), (0, ""), "version")
    assert re.fullmatch(r"binnacle \d+\.\d+\.\d+\n", ended.out), ended.out


# The layout


@case
def absent_layout_is_named(stage):
    refused(stage.run("--layout", "absent.yaml", "--backend", "headless"), 1, "absent.yaml", "No such file")


@case
def folder_is_no_layout(stage):
    refused(stage.run("--layout", stage.runtime, "--backend", "headless"), 1, str(stage.runtime), "not a file")


@case
def layout_that_may_not_be_read_is_named(stage):
    stage.layout.chmod(0)
    if os.access(stage.layout, os.R_OK):  # root may read everything but a loop
        stage.layout.unlink()
        stage.layout.symlink_to(stage.layout)
    refused(stage.cockpit(), 1, str(stage.layout), "Permission denied|symbolic links")


@case
def broken_yaml_is_refused_with_line_and_column(stage):
    stage.layout.write_text("binnacle: 1\nzones: [\n")
    refused(stage.cockpit(), 1, r"layout\.yaml:\d+:\d+: error: this is not YAML")


@case
def wrong_value_is_refused_with_line_and_column(stage):
    stage.layout.write_text(LAYOUT.replace("layer: app", "layer: ap"))
    refused(stage.cockpit(), 1, r"layout\.yaml:7:\d+: error: ", '"ap"', "app")


@case
def absent_include_is_refused_with_line_and_column(stage):
    stage.layout.write_text(LAYOUT.replace("binnacle: 1\n", "binnacle: 1\ninclude: brand.yaml\n"))
    refused(stage.cockpit(), 1, r"layout\.yaml:2:\d+: error: ", "brand.yaml")


@case
def fault_in_an_include_names_the_include(stage):
    stage.write("brand.yaml", "displays:\n  left: { colour: blue }\n")
    stage.layout.write_text(LAYOUT.replace("binnacle: 1\n", "binnacle: 1\ninclude: brand.yaml\n"))
    refused(stage.cockpit(), 1, r"brand\.yaml:2:\d+: error: ", "colour")


@case
def unknown_profile_is_named(stage):
    refused(stage.cockpit("--profile", "nobody"), 1, '"nobody"', "profiles:")


@case
def known_profile_is_merged(stage):
    stage.layout.write_text(LAYOUT + 'profiles:\n  ada: { zones: { main: { empty: "#aabbcc" } } }\n')
    cockpit = stage.start("--profile", "ada")
    until("the profile's colour", lambda: cockpit.pixel("main", 5, 5) == 0xaabbcc)


# Sockets


@case
def runtime_folder_must_be_set(stage):
    for value in (None, ""):
        env = environment(stage.runtime, XDG_RUNTIME_DIR=value)
        refused(stage.run("--layout", stage.layout, "--backend", "headless", env=env), 1, "XDG_RUNTIME_DIR", "not set")


@case
def runtime_folder_must_exist(stage):
    env = environment(stage.path / "absent")
    refused(stage.run("--layout", stage.layout, "--backend", "headless", env=env), 1, "XDG_RUNTIME_DIR", "absent")


@case
def runtime_folder_must_be_a_folder(stage):
    path = stage.write("file", "")
    path.chmod(0o700)
    refused(stage.run("--layout", stage.layout, "--backend", "headless", env=environment(path)), 1,
            "XDG_RUNTIME_DIR", str(path), "not a folder")


@case
def taken_socket_is_refused_and_its_owner_unharmed(stage):
    first = stage.start(name="helm")
    refused(stage.cockpit("--socket", "helm"), 1, "'helm'", "another compositor has it", "--socket")
    same(first.ask("get", what="layout")["ok"], True, "the first still answers")
    same(Connection(first.control).ask("get", what="zones")["ok"], True, "the first still accepts")


@case
def socket_name_that_cannot_be_is_refused(stage):
    refused(stage.cockpit("--socket", "no/such"), 1, "'no/such'", "No such file or directory")
    refused(stage.cockpit("--socket", "x" * 200), 1, "x" * 200)


@case
def without_a_name_the_next_free_one_is_taken(stage):
    inner = [stage.binnacle, "--layout", stage.layout, "--backend", "headless", "--"]
    ended = stage.cockpit("--", "sh", "-c", 'echo "$WAYLAND_DISPLAY"; exec "$@"', "sh", *inner,
                          "sh", "-c", 'echo "$WAYLAND_DISPLAY"')
    same((ended.status, ended.out.split()), (0, ["wayland-0", "wayland-1"]), ended.err)


@case
def sockets_of_the_dead_are_taken_over(stage):
    first = stage.start()
    same(first.end(signal.SIGKILL), -signal.SIGKILL, "status")
    assert first.control.exists()
    second = stage.start()
    same(second.ask("get", what="layout")["ok"], True, "the second answers")


@case
def signals_end_it_well_and_leave_no_sockets(stage):
    for number in (signal.SIGTERM, signal.SIGINT):
        cockpit = stage.start()
        names = sorted(path.name for path in stage.runtime.iterdir())
        assert "cockpit" in names and "cockpit.ctl" in names and "cockpit.owner" in names, names
        same(cockpit.end(number), 0, f"status after {number}:\n{cockpit.said()}")
        same(list(stage.runtime.iterdir()), [], "left behind")


@case
def quit_ends_it_well(stage):
    cockpit = stage.start()
    same(stage.control("quit").status, 0, "status of quit")
    same(cockpit.process.wait(30), 0, "status")


# The command inside


@case
def status_of_the_command_is_passed_on(stage):
    for script, status in (("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -9 $$", 137), ("kill $$", 143)):
        ended = stage.cockpit("--", "sh", "-c", script)
        same((ended.status, ended.sentences), (status, []), f"{script}: {ended.err}")
    same(list(stage.runtime.iterdir()), [], "left behind")


@case
def command_that_is_not_there_is_127(stage):
    refused(stage.cockpit("--", "no-such-program"), 127, "no-such-program", "No such file")
    refused(stage.cockpit("--", stage.layout), 127, "layout.yaml", "Permission denied")


@case
def command_gets_both_sockets_and_no_other_desktop(stage):
    env = environment(stage.runtime, DISPLAY="nowhere.invalid:7")
    script = 'echo "$WAYLAND_DISPLAY $BINNACLE_SOCKET ${DISPLAY-none}"; test -S "$XDG_RUNTIME_DIR/$WAYLAND_DISPLAY"'
    ended = stage.run("--layout", stage.layout, "--backend", "headless", "--socket", "helm", "--", "sh", "-c", script,
                      env=env)
    same((ended.status, ended.out), (0, f"helm {stage.runtime}/helm.ctl none\n"), ended.err)


@case
def command_may_control_the_cockpit(stage):
    ended = stage.cockpit("--", stage.ctl, "--json", "get", "zones")
    same(ended.status, 0, ended.err)
    same([zone["name"] for zone in json.loads(ended.out)["zones"]], ["main"], "zones")


@case
def options_after_the_command_are_the_commands(stage):
    ended = stage.cockpit("sh", "-c", 'echo "$@"', "sh", "--version", "--bogus")
    same((ended.status, ended.out), (0, "--version --bogus\n"), ended.err)


def has_ended(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            return "State:\tZ" in status.read()
    except (FileNotFoundError, ProcessLookupError):  # the latter: between the two
        return True


@case
def command_ends_with_the_cockpit(stage):
    cockpit = stage.start("--", "sh", "-c", "echo $$ >child; exec sleep 1000")
    child = int(until("the command's pid", lambda: (stage.path / "child").exists()
                      and (stage.path / "child").read_text().strip()))
    same(cockpit.end(), 0, "status")
    until("the command's end", lambda: has_ended(child))


# What is connected


@case
def displays_are_listed_in_a_layouts_words(stage):
    ended = stage.run("--list-displays", "--backend", "headless", env=environment(stage.runtime, XDG_RUNTIME_DIR=None))
    same((ended.status, ended.sentences), (0, []), ended.err)
    same(ended.out.splitlines()[0], "display", "first line")
    assert re.search(r'^  connector: +"HEADLESS-1"$', ended.out, re.M), ended.out
    assert re.search(r"^  mode: ", ended.out, re.M), ended.out


@case
def displays_cannot_be_listed_without_a_desktop(stage):
    refused(stage.run("--list-displays", "--backend", "wayland"), 1, "WAYLAND_DISPLAY is not set")
    refused(stage.run("--list-displays"), 1, "no display")


@case
def starter_layout_is_good_and_runs(stage):
    ended = stage.run("--init", "starter.yaml", "--backend", "headless")
    same((ended.status, ended.sentences), (0, []), ended.err)
    check = stage.control("check", "starter.yaml")
    same((check.status, ": good" in check.out), (0, True), check.out)
    same(stage.run("--layout", "starter.yaml", "--backend", "headless", "--", "true").status, 0, "status")


CAR = """binnacle: 1
displays:
  cluster: { mode: 320x200@60, size-mm: [160, 100], criticality: safety, glass: { cut-outs: [[0, 190, 10, 10]] } }
  center: { mode: 320x200@60, size-mm: [160, 100] }
  far: { mode: 320x200@60 }
states: { reversing: { Vehicle.Gear: -1 } }
zones:
  lamps: { display: cluster, rect: [0, 0, 100%, 40], layer: telltale, grant: lamps, backup: spare,
           accept-loss: "the far display is <not> for the driver" }
  spare: { display: center, rect: [0, 0, 100%, 40] }
  camera: { display: center, rect: [0, 40, 100%, 160], layer: safety, grant: camera, visible: false, accept-loss: mirrors do }
  movie: { display: far, grant: "*" }
rules: { rear: { when: reversing, show: { camera: camera } } }
apps: { lamps: {}, camera: {} }
profiles: { anna: { zones: { spare: { rect: [0, 0, 100%, 30] } } } }
"""


@case
def report_says_what_was_proved(stage):
    (stage.path / "car.yaml").write_text(CAR)
    same(stage.control("check", "car.yaml", "--report", "proof").status, 0, "status")
    report = json.loads((stage.path / "proof/proof.json").read_text())
    same((report["ok"], report["file"]), (True, "car.yaml"), "verdict")
    same([proof.get("profile") for proof in report["proofs"]], [None, "anna"], "profiles")
    lamps, camera = report["proofs"][0]["zones"]
    same([place["zone"] for place in lamps["places"]], ["lamps", "spare"], "places")
    same(lamps["places"][1]["missing"], ["cluster"], "when the spare is used")
    same((lamps["lost_with"], lamps["accepted_loss"]),
         (["cluster", "center"], "the far display is <not> for the driver"), "accepted loss")
    same(camera["must_show_while"], ["reversing"], "condition")
    same(report["proofs"][1]["zones"][0]["places"][1]["box"], [0, 0, 320, 30], "box with the profile")
    same((report["proofs"][0]["states"], report["proofs"][0]["display_sets"]), (3, 8), "states")
    same(report["files"][0]["sha256"], hashlib.sha256(CAR.encode()).hexdigest(), "hash")
    assert report["proofs"][0]["claims"] and report["proofs"][0]["assumptions"]
    page = (stage.path / "proof/proof.html").read_text()
    tree = xml.etree.ElementTree.fromstring(page.split("\n", 1)[1].replace('<meta charset="utf-8">', "")
                                            .replace("<br>", "<br/>"))
    same(len(tree.findall(".//svg")), 6, "pictures: three displays, with and without profile")
    same(len(tree.findall(".//rect[@class='backup']")), 2, "places of backups")
    assert "&lt;not&gt; for the driver" in page


@case
def report_of_a_refused_layout_lists_its_faults(stage):
    (stage.path / "car.yaml").write_text(CAR.replace("[0, 40, 100%, 160]", "[0, 20, 100%, 160]"))
    ended = stage.control("check", "car.yaml", "--report", "proof.json")
    same(ended.status, 1, "status")
    assert "reversing + cluster missing: zone \"camera\" of layer safety is covered by zone \"spare\"" in ended.out, \
        ended.out
    report = json.loads((stage.path / "proof.json").read_text())
    same((report["ok"], report["proofs"][0]["proved"]), (False, False), "verdict")
    fault = report["proofs"][0]["faults"][0]
    same((fault["line"], fault["column"], fault["severity"]), (11, 3, "error"), "place")
    same(stage.control("check", "car.yaml", "--report", "no/such/folder").status, 1, "status without a folder")


@case
def starter_layout_overwrites_nothing(stage):
    refused(stage.run("--init", stage.layout, "--backend", "headless"), 1, str(stage.layout), "exists already")
    same(stage.layout.read_text(), LAYOUT, "the file")
    refused(stage.run("--init", "no/such/folder.yaml", "--backend", "headless"), 1, "no/such/folder.yaml",
            "No such file or directory")


# The controller's exit status


@case
def controller_tells_by_its_status_what_went_wrong(stage):
    same(stage.control("get", "zones").status, 3, "no compositor")
    stage.start()
    for status, arguments in ((0, ["get", "zones"]), (0, ["why", "main"]), (1, ["why", "nobody"]),
                              (1, ["show", "nobody", "main"]), (1, ["check", "absent.yaml"]), (2, []),
                              (1, ["get", "weather"]), (2, ["frobnicate"]), (0, ["--version"]), (0, ["--help"])):
        ended = stage.control(*arguments)
        same(ended.status, status, f"{arguments}: {ended.out}{ended.err}")
        assert status == 0 or len((ended.err + ended.out).splitlines()) >= 1, arguments


@case
def app_is_denied_what_is_the_owners(stage):
    stage.layout.write_text(LAYOUT + f"""apps:
  snoop: {{ exec: [sh, -c, '{stage.ctl} quit; echo $? >status.tmp; mv status.tmp status'], start: boot, home: main }}
""")
    cockpit = stage.start()
    until("the app's status", (stage.path / "status").exists)
    same((stage.path / "status").read_text().strip(), "4", "status of a denied quit")
    same(cockpit.ask("get", what="layout")["ok"], True, "the cockpit still answers")


if __name__ == "__main__":
    sys.exit(main(CASES, sys.argv[1:]))
