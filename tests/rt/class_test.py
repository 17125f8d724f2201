#!/usr/bin/env python3
"""The scheduling class: who gets it, who does not inherit it, and how it is lost.

usage: class_test.py BINNACLE BINNACLECTL RT-CLIENT SANITIZED(yes|no) ALLOC-TRACE
"""
import os
import re
import resource
import signal
import sys

from kit import Clients, Skip, as_user, main, same, scheduling, status, three_displays, until

CLIENT = sys.argv[3]
PRIVILEGED = os.getuid() == 0
APP = "apps: { sleeper: { exec: [sleep, '1000'], start: boot, home: main } }\n"
CASES = []


def case(function):
    CASES.append(function)
    return function


def said(cockpit, kind):
    """Its log lines about this."""
    return [line for line in cockpit.said().splitlines() if f" {kind}: " in line]


def one_line(cockpit, kind, pattern):
    lines = said(cockpit, kind)
    same(len(lines), 1, f"lines about {kind} in {lines}")
    assert re.search(pattern, lines[0]), f"{lines[0]!r} does not say {pattern!r}"


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def start_with_children(stage, *arguments, **popen):
    """A cockpit with a launched app and a session command, and those two."""
    stage.layout.write_text(stage.layout.read_text() + APP)
    cockpit = stage.start(*arguments, "--", "sleep", "1000", **popen)
    pid = cockpit.process.pid
    until("an app and a command", lambda: len(children(pid)) == 2
          and all(status(child)["Name"] == "sleep" for child in children(pid)))
    return cockpit, children(pid)


def start_rr(stage, **popen):
    if not PRIVILEGED:
        raise Skip("SCHED_RR needs a privilege")
    cockpit = stage.start("--realtime", "on", **popen)
    same(scheduling(cockpit.process.pid)[0], os.SCHED_RR, "class")
    return cockpit


@case
def cpu_that_draws_stays_out_of_the_realtime_class(stage):
    for renderer in ("pixman", "gles"):
        cockpit = stage.start("--renderer", renderer)
        level = scheduling(cockpit.process.pid)[1]
        same(scheduling(cockpit.process.pid)[0], os.SCHED_OTHER, "class")
        one_line(cockpit, "realtime", f"INFO.* SCHED_OTHER at nice {level}, since a CPU draws")
        if PRIVILEGED:
            same(level, -10, "nice level")
        cockpit.end()


@case
def apps_and_the_command_inherit_no_nice_level(stage):
    cockpit, others = start_with_children(stage)
    for pid in others:
        same(scheduling(pid), (os.SCHED_OTHER, 0), f"{pid} beside {scheduling(cockpit.process.pid)}")


@case
def apps_and_the_command_inherit_no_class(stage):
    if not PRIVILEGED:
        raise Skip("SCHED_RR needs a privilege")
    cockpit, others = start_with_children(stage, "--realtime", "on")
    same(scheduling(cockpit.process.pid)[0], os.SCHED_RR, "class")
    one_line(cockpit, "realtime", "INFO.* SCHED_RR, as asked")
    for pid in others:
        same((os.sched_getscheduler(pid), scheduling(pid)[1]), (os.SCHED_OTHER, 0), f"{pid}")


@case
def off_leaves_class_level_and_memory_alone(stage):
    cockpit = stage.start("--realtime", "off")
    same(scheduling(cockpit.process.pid), (os.SCHED_OTHER, os.getpriority(os.PRIO_PROCESS, 0)), "class")
    same((said(cockpit, "realtime"), said(cockpit, "memory")), ([], []), "lines")
    same(status(cockpit.process.pid)["VmLck"], "0", "locked")


@case
def unknown_kind_lists_the_known_ones(stage):
    ended = stage.cockpit("--realtime", "always")
    same((ended.status, len(ended.sentences)), (2, 1), ended.err)
    assert "--realtime: 'always' is not one of: auto on off" in ended.sentences[0], ended.sentences


@case
def ordinary_user_starts_and_is_told_once(stage):
    def check():
        cockpit = stage.start()
        same(scheduling(cockpit.process.pid), (os.SCHED_OTHER, 0), "class")
        one_line(cockpit, "realtime", "INFO.* at nice 0, .* neither CAP_SYS_NICE nor RLIMIT_NICE allows -10")
        one_line(cockpit, "memory", "INFO.* KiB locked, as RLIMIT_MEMLOCK .* allows no more")
    as_user(stage, check, [(resource.RLIMIT_NICE, 0), (resource.RLIMIT_MEMLOCK, 0)])


@case
def ordinary_user_gets_as_low_as_the_limit(stage):
    def check():
        cockpit = stage.start()
        same(scheduling(cockpit.process.pid), (os.SCHED_OTHER, -4), "class")
        one_line(cockpit, "realtime", "INFO.* at nice -4, ")
    as_user(stage, check, [(resource.RLIMIT_NICE, 24)])


@case
def ordinary_user_may_not_insist(stage):
    def check():
        ended = stage.cockpit("--realtime", "on", "--", "true")
        same((ended.status, len(ended.sentences)), (1, 1), ended.err)
        assert re.search("--realtime on: SCHED_RR is refused: .*CAP_SYS_NICE.*RLIMIT_RTPRIO", ended.sentences[0]), \
            ended.sentences
    as_user(stage, check, [(resource.RLIMIT_RTPRIO, 0)])


@case
def user_with_the_limit_gets_the_class(stage):
    def check():
        cockpit = stage.start("--realtime", "on")
        same(scheduling(cockpit.process.pid)[0], os.SCHED_RR, "class")
    as_user(stage, check, [(resource.RLIMIT_RTPRIO, 1)])


@case
def signal_of_the_limit_costs_the_class_and_nothing_else(stage):
    cockpit = start_rr(stage)
    for _ in range(3):
        cockpit.process.send_signal(signal.SIGXCPU)
        until("the other class", lambda: scheduling(cockpit.process.pid)[0] == os.SCHED_OTHER)
        assert cockpit.ask("get", what="layout")["ok"]
    until("an ERROR line", lambda: said(cockpit, "realtime")[1:])
    lines = said(cockpit, "realtime")
    same(len(lines), 2, f"lines in {lines}")
    assert re.search("ERROR.*RLIMIT_RTTIME.*SCHED_OTHER", lines[1]), lines
    same(cockpit.end(), 0, "status")


@case
def loop_without_a_pause_loses_the_class_and_goes_on(stage):
    stage.layout.write_text(three_displays(60, "1920x1080"))
    cockpit = start_rr(stage)
    # Not less: what counts is time without a sleep, in ticks. Floods and full frames leave it none for long.
    resource.prlimit(cockpit.process.pid, resource.RLIMIT_RTTIME, (1, resource.RLIM_INFINITY))
    clients = Clients(stage, CLIENT)
    for name in ("cluster", "center", "passenger"):
        clients.start(f"{name}-app", "flood")
    until("the other class", lambda: scheduling(cockpit.process.pid)[0] == os.SCHED_OTHER)
    until("an ERROR line", lambda: said(cockpit, "realtime")[1:])
    assert cockpit.ask("get", what="layout")["ok"]
    same(len(said(cockpit, "realtime")), 2, "lines")


@case
def limit_that_kills_is_given_a_warning_first(stage):
    if not PRIVILEGED:
        raise Skip("SCHED_RR needs a privilege")
    cockpit = stage.start("--realtime", "on",
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_RTTIME, (200000, 200000)))
    same(resource.prlimit(cockpit.process.pid, resource.RLIMIT_RTTIME), (100000, 200000), "limits")


if __name__ == "__main__":
    sys.exit(main(CASES, sys.argv[1:3]))
