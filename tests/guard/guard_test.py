#!/usr/bin/env python3
"""What binnacle-guard does about each fault of its compositor, headless: it notices, and starts the next one; apps and
whoever waits are served by that.

usage: guard_test.py BINNACLE BINNACLECTL PROBE GUARD SPIN.so
"""
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guarded import EMPTY, LAYOUT, FORGET, GO, KEEP, KICK, MESSAGE, PICTURE, REDRAW, Guarded, Playing  # noqa: E402
from rig import DEADLINE_S, Skip, environment, main, same, until  # noqa: E402

GUARD, SPIN = sys.argv[4], sys.argv[5]
CASES = []


def case(function):
    CASES.append(function)
    return function


def guarded(stage, *options, **more):
    if more.get("preload") and os.environ["BINNACLE_SANITIZED"]:
        raise Skip("a sanitizer lets nothing be loaded before it")
    stage.probe = sys.argv[3]
    cockpit = Guarded(stage, GUARD, *options, **more)
    cockpit.up(1)
    return cockpit


def with_app(stage, *options, **more):
    cockpit = guarded(stage, *options, **more)
    cockpit.shows("probe")
    return cockpit


def comes_back(cockpit, fault, reason, what):
    """Does the fault, and expects the next compositor with its app."""
    start = cockpit.starts()
    began = time.monotonic()
    fault()
    cockpit.up(start + 1)
    cockpit.shows("probe")
    print(f"# {what}: the app is in its zone again after {1000 * (time.monotonic() - began):.0f} ms")
    stats = cockpit.guard_stats()
    same(stats["start"], start + 1, "start")
    assert re.search(reason, stats["reason"]), stats
    cockpit.says("the cockpit shows again")


def probe(stage, app_id="other", display="cockpit"):
    """An app that nobody started: on the public socket."""
    log = stage.path / f"{app_id}.log"
    with open(log, "ab") as file:
        process = subprocess.Popen(
            [sys.argv[3], "--app-id", app_id, "--color", "a04020"], stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            env=environment(stage.runtime, WAYLAND_DISPLAY=display))
    stage.open.callback(lambda: (process.kill(), process.wait()))
    return process


@case
def a_killed_compositor_is_started_again_with_its_apps(stage):
    cockpit = with_app(stage)
    same(cockpit.guard_stats()["reason"], None, "the reason of the first start")
    comes_back(cockpit, lambda: os.kill(cockpit.pid(), signal.SIGKILL), "ended by signal 9", "SIGKILL")


@case
def a_stopped_compositor_is_replaced(stage):
    cockpit = with_app(stage, timeout_ms=1000)
    comes_back(cockpit, lambda: os.kill(cockpit.pid(), signal.SIGSTOP), "no kick for", "SIGSTOP, 1 s of patience")


@case
def an_endless_loop_is_ended(stage):
    cockpit = with_app(stage, timeout_ms=1000, preload=SPIN)
    comes_back(cockpit, lambda: os.kill(cockpit.pid(), signal.SIGUSR1), "no kick for", "endless loop, 1 s of patience")


@case
def a_compositor_without_memory_ends_in_a_cockpit(stage):
    cockpit = with_app(stage, preload=SPIN)
    first = cockpit.pid()
    status = pathlib.Path(f"/proc/{first}/status").read_text()
    size_kib = int(re.search(r"VmSize:\s*(\d+)", status).group(1))
    cockpit.limit(resource.RLIMIT_AS, (size_kib + 8192) * 1024)
    os.kill(first, signal.SIGUSR2)
    hungry = [probe(stage, f"hungry-{number}") for number in range(8)]
    # Whatever needs memory is refused, or ends it; which of both, nobody promises.
    until("new apps are refused", lambda: all(app.poll() is not None for app in hungry) or cockpit.starts() > 1)
    if cockpit.starts() > 1:
        cockpit.up(2)
        print(f"# out of memory: {cockpit.guard_stats()['reason']}")
    else:
        print("# out of memory: it refuses new apps, and goes on")
        cockpit.limit(resource.RLIMIT_AS, resource.prlimit(first, resource.RLIMIT_AS)[1])
        cockpit.connect()
    # Or one of the hungry, who waited for the next compositor as anybody may.
    until("an app is in the zone", lambda: cockpit.zone("main")["content"] == "view")


@case
def without_descriptors_clients_are_turned_away_and_the_cockpit_goes_on(stage):
    # On its own socket an app is known, and has a descriptor as long as there is one; strangers have long been told to go.
    cockpit = with_app(stage, layout=stage.write("radio.yaml", LAYOUT + "  radio: { home: main }\n"))
    cockpit.limit(resource.RLIMIT_NOFILE, max(int(fd) for fd in os.listdir(f"/proc/{cockpit.pid()}/fd")) + 8)
    crowd = []
    stage.open.callback(lambda: [one.close() for one in crowd])

    def is_full():
        crowd.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        crowd[-1].connect(str(stage.runtime / "cockpit.radio"))
        return "who connects is turned away" in cockpit.said()
    until("no descriptor is left", is_full)
    assert probe(stage, "late").wait(DEADLINE_S) != 0, "the app that came too late was served"
    assert cockpit.ask("get", what="layout")["ok"]
    same(cockpit.zone("main")["app_id"], "probe", "the app of the zone")
    # Nothing turns in circles meanwhile: what a second costs that asks nothing.
    spent = cpu_ticks(cockpit.pid())
    time.sleep(1)
    spent = cpu_ticks(cockpit.pid()) - spent
    assert spent <= 20, f"{spent} ticks of CPU in a second of doing nothing"
    same(cockpit.said().count("who connects is turned away"), 1, "lines about it")
    while crowd:
        crowd.pop().close()
    late = [probe(stage, "again", "cockpit.radio")]

    def is_served():
        if late[-1].poll() is not None:
            late.append(probe(stage, "again", "cockpit.radio"))  # the crowd was not gone yet
        return late[-1].pid in [client["pid"] for client in cockpit.ask("stats")["clients"]]
    until("a new app is served", is_served)
    same(cockpit.starts(), 1, "starts")


def cpu_ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@case
def who_comes_in_between_waits_and_is_served(stage):
    layout = stage.write("empty.yaml", EMPTY)
    cockpit = guarded(stage, layout=layout)
    cockpit.close_gate()
    os.kill(cockpit.pid(), signal.SIGKILL)
    until("the next start", lambda: cockpit.starts() == 2)
    cockpit.connection.close()
    cockpit.connection = None
    # Nobody is there: the app and the controller connect to the guard's backlog.
    app = probe(stage)
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stage.open.callback(control.close)
    control.settimeout(DEADLINE_S)
    control.connect(str(cockpit.control))
    control.sendall(b'{"id": 1, "do": "get", "what": "layout"}\n')
    same(app.poll(), None, "the app waits")
    cockpit.open_gate()
    assert b'"ok":true' in control.recv(65536).replace(b" ", b""), "the controller is served"
    cockpit.up(2)
    cockpit.shows("other")


@case
def apps_of_the_dead_do_not_stay_behind(stage):
    # An app that does not end when its compositor is gone.
    deaf = stage.write("deaf.sh", "#!/bin/sh\necho $$ >>deaf.pids\ntrap '' TERM HUP\nwhile :; do sleep 1000; done\n")
    deaf.chmod(0o700)
    layout = stage.write("deaf.yaml", EMPTY + f"apps:\n  deaf: {{ exec: [{deaf}], start: boot, home: main }}\n")
    cockpit = guarded(stage, layout=layout)
    pids = stage.path / "deaf.pids"
    until("the app runs", lambda: pids.exists() and len(pids.read_text().split()) == 1)
    os.kill(cockpit.pid(), signal.SIGKILL)
    cockpit.up(2)
    until("the app runs again", lambda: len(pids.read_text().split()) == 2)
    first = pids.read_text().split()[0]
    until("the old one is gone", lambda: not pathlib.Path(f"/proc/{first}").exists())


def has_ended(pid):
    """Its name is free with the last of its threads."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state == "Z" and len(os.listdir(f"/proc/{pid}/task")) == 1
    except (FileNotFoundError, ProcessLookupError):
        return True


@case
def a_dead_guard_is_told_of_and_takes_nobody_with_it(stage):
    cockpit = with_app(stage)
    pid = cockpit.pid()
    cockpit.process.kill()
    cockpit.process.wait()
    cockpit.says("guard: it is gone; the cockpit goes on, and nobody watches it")
    same(cockpit.guard_stats()["watching"], False, "watched")
    cockpit.shows("probe")
    # Its name stays taken while it lives: nobody pulls its clients away.
    second = stage.run("--screen", "none", "--socket", "cockpit", "--", "true", program=GUARD)
    same(second.status, 1, "the exit status of a second guard")
    assert "another compositor has it" in second.err, second.err
    cockpit.disconnect()
    os.kill(pid, signal.SIGTERM)
    until("it ends", lambda: has_ended(pid))
    third = Guarded(stage, GUARD, name="cockpit")
    third.up(1)
    third.shows("probe")


@case
def what_always_fails_is_started_less_and_less_often(stage):
    stage.probe = sys.argv[3]
    cockpit = Guarded(stage, GUARD, command=["false"])
    cockpit.says("the next start is in 400 ms")
    waits = re.findall(r"the next start is in (\d+) ms", cockpit.said())
    same(waits[:3], ["100", "200", "400"], "waits")
    assert "it exited with status 1" in cockpit.said()
    cockpit.process.terminate()
    same(cockpit.process.wait(DEADLINE_S), 0, "the guard's exit status")


@case
def one_that_never_comes_up_is_ended(stage):
    stage.probe = sys.argv[3]
    cockpit = Guarded(stage, GUARD, "--start-timeout", "100", command=["sleep", "1000"])
    cockpit.says("no kick in its first", 2)
    assert cockpit.starts() >= 2, cockpit.said()


@case
def one_that_hangs_up_is_not_listened_to_without_end(stage):
    stage.probe = sys.argv[3]
    hangs_up = "import os, time; os.close(int(os.environ['BINNACLE_GUARD'])); time.sleep(1000)"
    cockpit = Guarded(stage, GUARD, "--start-timeout", "1500", command=[sys.executable, "-c", hangs_up])
    cockpit.says("no kick in its first")
    ticks = cpu_ticks(cockpit.process.pid)
    assert ticks < 30, f"the guard used {ticks} ticks of 1.5 s"


@case
def a_compositor_that_ends_well_ends_the_guard(stage):
    cockpit = with_app(stage)
    assert cockpit.ask("quit")["ok"]
    same(cockpit.process.wait(DEADLINE_S), 0, "the guard's exit status")
    same(sorted(path.name for path in stage.runtime.iterdir() if path.is_socket()), [], "sockets left behind")
    same(cockpit.starts(), 1, "starts")


@case
def a_guard_that_is_asked_to_end_ends_all(stage):
    cockpit = with_app(stage)
    pid = cockpit.pid()
    os.kill(pid, signal.SIGSTOP)
    cockpit.process.terminate()
    same(cockpit.process.wait(DEADLINE_S), 0, "the guard's exit status")
    assert not pathlib.Path(f"/proc/{pid}").exists()
    same([path.name for path in stage.runtime.iterdir() if path.is_socket()], [], "sockets left behind")


@case
def wrong_use_is_told_in_a_sentence(stage):
    for arguments, status, words in (
            ([], 2, "nothing to run"),
            (["--timeout", "5", "--", "true"], 2, "--timeout: '5' is not a number of ms"),
            (["--screen", "crystal", "--", "true"], 2, "--screen: 'crystal' is not one of"),
            (["--screen", "none", "--", "/nonexistent/binnacle"], 127, "cannot be run: No such file"),
            (["--screen", "wayland", "--", "true"], 1, "cannot connect to the desktop"),
            (["--screen", "drm", "--card", "/nonexistent", "--", "true"], 1, "/nonexistent: No such file"),
            (["--screen", "none", "--", stage.binnacle, "--nonsense"], 2, "is no option")):
        ended = stage.run(*arguments, program=GUARD)
        same(ended.status, status, f"exit status of {arguments}")
        assert words in ended.err, ended.err


@case
def the_service_manager_hears_that_it_is_up_and_alive(stage):
    stage.probe = sys.argv[3]
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stage.open.callback(told.close)
    told.settimeout(DEADLINE_S)
    told.bind(str(stage.runtime / "notify"))
    os.environ.update(NOTIFY_SOCKET=str(stage.runtime / "notify"), WATCHDOG_USEC="400000")
    try:
        cockpit = Guarded(stage, GUARD)
    finally:
        del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
    heard = []
    while "READY=1" not in heard or heard.count("WATCHDOG=1") < 3:
        heard.append(told.recv(100).decode())
    cockpit.up(1)
    assert "NOTIFY_SOCKET" not in pathlib.Path(f"/proc/{cockpit.pid()}/environ").read_text()


# The compositor's side, with this test as its guard.

def playing(stage, *arguments, layout=None):
    layout = layout or stage.write("playing.yaml", EMPTY)
    guard = Playing(stage.binnacle, layout, environment(stage.runtime), stage.path / "playing.log", *arguments)
    stage.open.callback(lambda: guard.process.poll() is None and guard.process.kill())
    return guard


@case
def each_display_has_a_picture_and_each_beat_a_kick(stage):
    guard = playing(stage)
    picture = guard.until(PICTURE)
    same((picture.width, picture.height, picture.safety), (320, 200, 1), "picture")
    pixels = os.pread(picture.fd, picture.stride * picture.height, 0)
    os.close(picture.fd)
    amber = sum(1 for at in range(0, len(pixels), 4) if pixels[at + 2] > 200 and pixels[at] < 60)
    assert 300 < amber < 6000, f"{amber} amber pixels"
    guard.until(KICK, lambda message: message.status[picture.slot] & 1)
    sent = [guard.until(KICK).sent_ns for _ in range(3)]
    assert sent == sorted(sent), sent
    guard.end()


@case
def told_of_the_guards_picture_it_draws_again_and_says_so(stage):
    guard = playing(stage)
    slot = guard.until(PICTURE).slot
    guard.until(KICK, lambda message: message.status[slot] & 1)
    guard.send(REDRAW, number=7, name="a test")
    # Nothing changed: only because it was told does a static cockpit draw.
    kick = guard.until(KICK, lambda message: message.number == 7 and message.status[slot] & 1)
    same(kick.status[slot] & 2, 0, "a fault")
    guard.end()


@case
def sockets_of_apps_are_kept_and_forgotten(stage):
    layout = stage.write("apps.yaml", EMPTY + "apps:\n  radio: { home: main }\n")
    guard = playing(stage, layout=layout)
    kept = {guard.until(KEEP).name.rpartition("/")[2].partition(".")[2] for _ in range(3)}
    same(kept, {"owner", "radio", "ctl"}, "sockets")
    guard.until(KICK)
    layout.write_text(EMPTY)
    assert guard.until(FORGET).name.endswith(".radio")
    guard.end()


@case
def a_line_that_leads_to_no_guard_is_refused(stage):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.sendall(MESSAGE.pack(99, GO, 1, 0, 0, 0, 0, 0, 0, 0, b"", b""))
    for number in (str(theirs.fileno()), "77", "1000000"):
        done = subprocess.run([stage.binnacle, "--layout", stage.layout, "--backend", "headless"],
                              env=environment(stage.runtime, BINNACLE_GUARD=number), pass_fds=[theirs.fileno()],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE_S)
        same(done.returncode, 1, f"exit status with {number}")
        assert "does not lead to a binnacle-guard of this version" in done.stderr, done.stderr
    ours.close()
    theirs.close()


@case
def apps_never_get_the_line(stage):
    cockpit = with_app(stage)
    children = pathlib.Path(f"/proc/{cockpit.pid()}/task/{cockpit.pid()}/children")
    if not children.exists():
        raise Skip("this kernel does not tell children")
    apps = children.read_text().split()
    assert apps, "no app runs"
    for app in apps:
        assert "BINNACLE_GUARD" not in pathlib.Path(f"/proc/{app}/environ").read_text()


sys.exit(main(CASES, sys.argv[1:]))
