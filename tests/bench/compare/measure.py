"""What a process costs and what else the machine does, read from the kernel. Times are ns."""
import os
import pathlib
import re
import time

CPU_CLOCK = 2  # of another process, all its threads: what utime + stime are rounded from
POOL = "/memfd:bench-pool"  # the probes' buffers
RR_PRIORITY = 1


def cpu_ns(pid):
    """User and system time together; /proc/PID/stat has the same in steps of 10 ms. 0 when it has ended."""
    try:
        return time.clock_gettime_ns((~pid << 3) | CPU_CLOCK)
    except OSError:
        return 0


def switches(pid):
    """How often its threads went to sleep: something woke them each time before."""
    total = 0
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        found = re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(), re.M)
        total += int(found[1]) if found else 0
    return total


def sum_pss(smaps):
    """KiB of the text of an smaps file, without the mappings that are clients' buffers."""
    total, counts = 0, True
    for line in smaps.splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            counts = POOL not in line
        elif line.startswith("Pss:") and counts:
            total += int(line.split()[1])
    return total


def pss_kib(pid):
    return sum_pss(pathlib.Path(f"/proc/{pid}/smaps").read_text())


def set_class(pid, real_time):
    """SCHED_RR or SCHED_OTHER for all its threads. False: that is not permitted here."""
    policy, priority = (os.SCHED_RR, RR_PRIORITY) if real_time else (os.SCHED_OTHER, 0)
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            os.sched_setscheduler(int(task), policy, os.sched_param(priority))
    except PermissionError:
        return False
    return True


def go_first():
    """The driver itself must not wait behind the load that it makes. What it starts is SCHED_OTHER again."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(RR_PRIORITY))
    except PermissionError:
        pass  # then it is as good as the machine is quiet


def machine_ns():
    """Time of all processors since boot: used, and taken by other guests of the host."""
    tick = 1e9 / os.sysconf("SC_CLK_TCK")
    user, nice, system, _, _, irq, soft, steal = map(
        int, pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + irq + soft) * tick, steal * tick


class Window:
    """A stretch of time over which a compositor and the machine are measured."""

    def __init__(self, pid, ours):
        self.pid, self.ours = pid, [*ours, os.getpid()]
        self.before = self.read()
        self.begin_ns = time.monotonic_ns()

    def read(self):
        used, stolen = machine_ns()
        return {"cpu": cpu_ns(self.pid), "switches": switches(self.pid), "used": used, "stolen": stolen,
                "ours": sum(cpu_ns(pid) for pid in self.ours)}

    def end(self):
        self.end_ns = time.monotonic_ns()
        wall = self.end_ns - self.begin_ns
        grown = {key: after - self.before[key] for key, after in self.read().items()}
        capacity = wall * os.cpu_count()
        return {"wall_ns": wall, "cpu_ns": grown["cpu"], "cpu_percent": 100 * grown["cpu"] / wall,
                "wakeups_per_s": grown["switches"] * 1e9 / wall,
                "steal_percent": 100 * grown["stolen"] / capacity,
                # What neither the compositor nor its clients nor the load beside them used.
                "others_percent": max(0.0, 100 * (grown["used"] - grown["cpu"] - grown["ours"]) / capacity),
                "load": os.getloadavg()[0]}


def memcpy_bytes_per_s(rounds=40):
    """How fast one thread copies full-HD pictures from more sources than a cache holds; per second of CPU."""
    size = 1920 * 1080 * 4
    sources = [bytearray(os.urandom(4096) * (size // 4096)) for _ in range(9)]
    target = memoryview(bytearray(size))
    best = 0.0
    for _ in range(3):
        begin = time.process_time_ns()
        for turn in range(rounds // 3):
            target[:len(sources[0])] = sources[turn % len(sources)]
        spent = time.process_time_ns() - begin
        best = max(best, len(sources[0]) * (rounds // 3) * 1e9 / spent)
    return best
