#!/usr/bin/env python3
"""What is locked, what a shortage of memory costs, and what a client with gigabytes of nothing does to others.

usage: memory_test.py BINNACLE BINNACLECTL RT-CLIENT SANITIZED(yes|no) ALLOC-TRACE
"""
import errno
import os
import pathlib
import re
import sys

from kit import (DISPLAYS, Clients, Skip, as_user, kib, major_faults, mappings, main, page_out, presented, same, status,
                 three_displays, until, wait_frames)

CLIENT, SANITIZED = sys.argv[3], sys.argv[4] == "yes"
PRIVILEGED = os.getuid() == 0
SPARSE_BYTES = 6 << 30  # three pools of nearly 2 GiB each, the most that wl_shm can name
CASES = []


def case(function):
    CASES.append(function)
    return function


def start(stage, *arguments):
    stage.layout.write_text(three_displays(240))
    return stage.start(*arguments)


def pss_kib(pid):
    return int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])


def start_moving(stage, *arguments):
    """A cockpit with a client on each display that moves."""
    cockpit = start(stage, *arguments)
    clients = Clients(stage, CLIENT)
    for name in DISPLAYS:
        clients.start(f"{name}-app", "needle")
    wait_frames(cockpit, 30)
    return cockpit, clients


@case
def locking_costs_no_memory(stage):
    """What is touched is what there is: figures for the reader, a bound for the machine."""
    for renderer in ("pixman", "gles"):
        sizes = {}
        for kind in ("off", "auto"):
            cockpit, clients = start_moving(stage, "--realtime", kind, "--renderer", renderer)
            pid = cockpit.process.pid
            sizes[kind] = pss_kib(pid)
            print(f"# {renderer}, --realtime {kind}: PSS {sizes[kind]} KiB, VmRSS {kib(pid, 'VmRSS')} KiB,"
                  f" VmLck {kib(pid, 'VmLck')} KiB")
            clients.end()
            cockpit.end()
        assert SANITIZED or sizes["auto"] < sizes["off"] + 4096, sizes


def squeeze(stage, kind):
    """Takes every program and library page that the kernel will take, time and again: (locked, taken, major faults)."""
    cockpit, clients = start_moving(stage, "--realtime", kind)
    pid = cockpit.process.pid
    program = os.path.realpath(stage.binnacle)
    before, errors = major_faults(pid), []
    for _ in range(10):
        for first, last, access, path in mappings(pid):
            if access[3] == "p" and (path == program or path.endswith(".so") or ".so." in path):
                errors.append(page_out(pid, first, last))
        wait_frames(cockpit, 30)
    faults = major_faults(pid) - before
    print(f"# --realtime {kind}: the kernel found {errors.count(errno.EINVAL)} mappings locked and took"
          f" {errors.count(0)}; {faults} major faults")
    clients.end()
    cockpit.end()
    return errors.count(errno.EINVAL), errors.count(0), faults


@case
def shortage_of_memory_reaches_no_frame(stage):
    if not PRIVILEGED:
        raise Skip("the kernel takes pages from another process only for root")
    locked, taken, faults = squeeze(stage, "auto")
    assert locked > 0 and taken == 0, (locked, taken)
    same(faults, 0, "major faults")
    locked, taken, _ = squeeze(stage, "off")
    assert locked == 0 and taken > 0, f"unlocked, {(locked, taken)}: the squeeze proves nothing"


def sparse(stage, clients_program, *arguments):
    """Gigabytes in the passenger's zone while the others move."""
    cockpit = start(stage, *arguments)
    pid = cockpit.process.pid
    clients = Clients(stage, clients_program)
    for name in DISPLAYS[:2]:
        clients.start(f"{name}-app", "needle")
    clients.start("passenger-app", "needle")
    wait_frames(cockpit, 30)
    clients.processes[-1].kill()
    until("an empty zone", lambda: cockpit.pixel("passenger", 300, 300) == 0x203040)
    locked, resident, size = kib(pid, "VmLck"), kib(pid, "VmRSS"), kib(pid, "VmSize")
    clients.start("passenger-app", "sparse", SPARSE_BYTES)
    wait_frames(cockpit, 60)
    grown = kib(pid, "VmRSS") - resident
    print(f"# {' '.join(arguments)}: {(kib(pid, 'VmSize') - size) >> 10} MiB more mapped, {grown} KiB more resident,"
          f" VmLck {locked} -> {kib(pid, 'VmLck')} KiB, {status(pid)['RssShmem']} KiB shared")
    assert kib(pid, "VmSize") - size > 4 << 20, "the pools are not there"
    same(kib(pid, "VmLck"), locked, "locked")
    # Eight buffers of its, 900 KiB each, and a texture; a sanitizer also keeps what was freed.
    assert grown < (128 if SANITIZED else 16) << 10, f"{grown} KiB more resident"
    clients.processes[-1].kill()
    until("the pools to go", lambda: kib(pid, "VmSize") - size < 1 << 20)
    before = presented(cockpit)
    wait_frames(cockpit, 30, DISPLAYS[:2])
    assert presented(cockpit)["cluster"] > before["cluster"]
    clients.end()
    cockpit.end()


@case
def gigabytes_of_nothing_change_nothing(stage):
    for renderer in ("pixman", "gles"):
        sparse(stage, CLIENT, "--renderer", renderer)


@case
def gigabytes_of_nothing_change_nothing_for_an_ordinary_user(stage):
    import shutil  # pylint: disable=import-outside-toplevel
    program = shutil.copy(CLIENT, stage.path / "rt-client")

    def check():
        for renderer in ("pixman", "gles"):
            sparse(stage, program, "--renderer", renderer)
    as_user(stage, check)


@case
def only_private_memory_is_locked(stage):
    cockpit, clients = start_moving(stage)
    text = pathlib.Path(f"/proc/{cockpit.process.pid}/smaps").read_text()
    seen = 0
    for block in re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", text):
        head, flags = block.splitlines()[0], re.search(r"^VmFlags:(.*)$", block, re.M)[1].split()
        seen += "lo" in flags
        assert "lo" not in flags or head.split()[1][3] == "p", head
    assert seen > 0 or not PRIVILEGED, "nothing is locked"
    clients.end()


if __name__ == "__main__":
    sys.exit(main(CASES, sys.argv[1:3]))
