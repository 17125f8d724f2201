"""What the real-time tests share: layouts, clients, and what the kernel says of a process."""
import ctypes
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from rig import Skip, environment, main, same, until  # noqa: E402,F401 # pylint: disable=wrong-import-position,unused-import

SCHED_RESET_ON_FORK = 0x40000000
NOBODY = 65534

DISPLAYS = ("cluster", "center", "passenger")


def three_displays(refresh_hz=60, size="640x360", rich=False):
    """
    A cockpit of three displays, the first for safety, each with one zone for one app, and nothing that needs time.
    rich: with corners, with an app that is scaled, and with something above.
    """
    lines = ["binnacle: 1", "displays:"]
    lines += [f"  {name}: {{ match: {{ connector: DP-{number} }}, mode: {size}@{refresh_hz}, size-mm: [160, 90]"
              + (", criticality: safety" if number == 1 else "") + " }" for number, name in enumerate(DISPLAYS, 1)]
    lines += ["occupants:", "  driver: { displays: [cluster, center, passenger] }", "zones:"]
    for name in DISPLAYS:
        more = {"center": ", radius: 24", "passenger": ", fit: stretch"}.get(name, "") if rich else ""
        lines.append(f'  {name}-zone: {{ display: {name}, rect: full, layer: app, grant: [{name}-app, "*"],'
                     f' empty: "#203040"{more} }}')
    if rich:
        lines.append('  band: { display: center, rect: [0, 320, 640, 40], layer: overlay, grant: [band-app],'
                     ' empty: "#80203040" }')
        lines.append("apps:\n  band-app: { home: band }")
    else:
        lines.append("apps:")
    lines += [f"  {name}-app: {{ home: {name}-zone }}" for name in DISPLAYS]
    return "\n".join(lines) + "\n"


class Clients:
    """rt-client processes of one cockpit."""

    def __init__(self, stage, program, socket_name="cockpit"):
        self.stage, self.program, self.socket_name = stage, program, socket_name
        self.processes, self.counters = [], []
        stage.open.callback(self.end)

    def start(self, app, *mode, **popen):
        # By its app's own socket: nobody else's window can take the zone.
        counter = self.stage.path / f"{app}-{len(self.processes)}.frames"
        counter.write_bytes(bytes(8))
        self.counters.append(counter)
        env = environment(self.stage.runtime, WAYLAND_DISPLAY=f"{self.socket_name}.{app}", RT_FRAMES=counter)
        with open(self.stage.path / f"{app}.log", "ab") as log:
            process = subprocess.Popen([self.program, app, *map(str, mode)], env=env, stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, **popen)
        self.processes.append(process)
        return process

    def frames(self):
        """Frame callbacks of all of them: a measure that asks nothing of the compositor."""
        return sum(int.from_bytes(counter.read_bytes(), sys.byteorder) for counter in self.counters)

    def wait_frames(self, count, limit_s=120):
        begin = self.frames()
        until(f"{count} frames", lambda: self.frames() - begin >= count, limit_s)

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes, self.counters = [], []


def presented(cockpit):
    """Frames on glass so far, by display."""
    return {output["display"]: output["presented"] for output in cockpit.ask("stats")["outputs"]}


def wait_frames(cockpit, count, names=DISPLAYS, limit_s=60):
    before = presented(cockpit)
    until(f"{count} frames on {names}", lambda: all(
        presented(cockpit)[name] - before[name] >= count for name in names), limit_s)


def tasks(pid):
    return [int(path.name) for path in pathlib.Path(f"/proc/{pid}/task").iterdir()]


def status(pid):
    """/proc/PID/status as a dict of words; KiB where it says kB."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {key: value.split()[0] for key, value in re.findall(r"^(\w+):[ \t]+(\S.*)$", text, re.M)}


def kib(pid, *keys):
    words = status(pid)
    return sum(int(words[key]) for key in keys)


def major_faults(pid):
    """Faults that waited for a disk, of all threads."""
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[9])


def scheduling(pid):
    """(class without flags, nice level)"""
    return os.sched_getscheduler(pid) & ~SCHED_RESET_ON_FORK, os.getpriority(os.PRIO_PROCESS, pid)


def switches(pid):
    """How often its threads have gone to sleep: each time something woke them before."""
    return sum(int(status(f"{pid}/task/{task}")["voluntary_ctxt_switches"]) for task in tasks(pid))


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def page_out(pid, start, end):
    """Asks the kernel to take these pages of another process from memory; the errno, 0 when it did."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.pidfd_open(pid)
    try:
        range_ = Iovec(start, end - start)
        done = libc.syscall(440, fd, ctypes.byref(range_), ctypes.c_size_t(1), 21, 0)  # process_madvise, MADV_PAGEOUT
        return ctypes.get_errno() if done < 0 else 0
    finally:
        os.close(fd)


def mappings(pid):
    """(start, end, access, path) of each."""
    found = []
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
        words = line.split(None, 5)
        start, end = (int(word, 16) for word in words[0].split("-"))
        found.append((start, end, words[1], words[5] if len(words) > 5 else ""))
    return found


def as_user(stage, function, limits=()):
    """Calls function() as an ordinary user, with these (resource, value) set; in a process of its own if we are root."""
    if os.getuid() != 0:
        for kind, value in limits:
            set_limit(kind, value)
        return function()
    # The tree may be in a folder that only we may enter.
    stage.binnacle = shutil.copy(stage.binnacle, stage.path / "binnacle")
    os.chmod("/dev/shm", 0o1777)  # as it is everywhere but in a container made for root
    for path in (stage.path, *stage.path.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    pid = os.fork()
    if pid == 0:
        failed = 1
        try:
            for kind, value in limits:
                set_limit(kind, value)
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            function()
            failed = 0
        except Skip as reason:
            (stage.path / "skipped").write_text(str(reason))
        except BaseException:  # pylint: disable=broad-except
            (stage.path / "user.log").write_text(traceback.format_exc())
        finally:
            stage.open.close()
            os._exit(failed)
    wait_status = os.waitpid(pid, 0)[1]
    if (stage.path / "skipped").exists():
        raise Skip((stage.path / "skipped").read_text())
    same(wait_status, 0, "status of the ordinary user's part")
    return None


def set_limit(kind, value):
    try:
        resource.setrlimit(kind, (value, value))
    except (OSError, ValueError) as error:
        raise Skip(f"this limit cannot be raised here ({error})") from error
