"""What others take of the machine while a row is played: a limit that was passed then says nothing about us."""
import os
import pathlib
import resource
import time

BUSY = 0.25  # of the processors, or of the time: from here on times are the machine's and not ours
CALM_S = 60  # longest wait for less than that
HOST = pathlib.Path("/kms/host-load")  # in the guest: the load outside, and for how long, in us, something had to wait there


def all_seconds():
    """Of processors at work, for anybody."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _, _, irq, softirq = map(int, stat.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def our_seconds():
    """Those of who has ended and was waited for, as everybody of a run is."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def waited_seconds():
    return int(HOST.read_text(encoding="ascii").split()[1]) / 1e6


class Others:
    def __init__(self):
        self.in_guest = HOST.exists()
        self.begin, self.used = time.monotonic(), self.seconds()

    def seconds(self):
        return waited_seconds() if self.in_guest else all_seconds() - our_seconds()

    def share(self):
        """Since the beginning, 0..1: of the processors; in the guest, of the time for which somebody had to wait."""
        passed = (time.monotonic() - self.begin) * (1 if self.in_guest else os.cpu_count())
        return max(0.0, (self.seconds() - self.used) / passed)


def await_calm():
    """Until others leave us the machine, or not for ever."""
    end, share = time.monotonic() + CALM_S, 1.0
    while share >= BUSY and time.monotonic() < end:
        others = Others()
        time.sleep(2)
        share = others.share()
