#!/usr/bin/env python3
"""What ./dev bench makes of frame logs that were written by hand: misses, latencies, statistics. Speaks TAP."""
import os
import signal
import sys
import time
import traceback

# Not our own folder: it has a numbers.py, and Python has a module of that name too.
sys.path[0] = os.path.join(os.path.dirname(os.path.realpath(__file__)), "compare")

# pylint: disable=wrong-import-position
import figures
import measure
import plot
import witness

T = 16_000_000  # ns
BEGIN = 0


def log(*frames):
    """Frames as a probe writes them: refresh of the callback, delays in T, the refresh at which it was shown."""
    lines = []
    for cause, own_delay, waited, presented in frames:
        commit = int((cause + own_delay) * T)
        shown = presented if presented <= 0 else int(presented * T)
        lines.append(f"frame {int(cause * T)} {commit} {shown} {T} {int(waited * T)} 0 0")
    return figures.parse("\n".join(["ready 1920x720 clock 1\nshown 5", *lines, f"commits {len(lines)}"]))[0]


def judge(*frames, paced=True, end=None):
    """To the end of the log, unless told otherwise."""
    frames = log(*frames)
    return figures.judge(frames, T, BEGIN, end or max(frame.presented for frame in frames), paced)


def steady(first, last):
    """Callbacks early in each refresh, frames at its end."""
    return [(i + 0.02, 0.01, 0.0, i + 1) for i in range(first, last)]


def a_log_is_read_as_it_was_written():
    frames, commits = figures.parse("ready 8x8 clock 1\nframe 1 2 3 4 5 6 7\nframe 1 2\ncommits 9\n")
    assert frames == [figures.Frame(1, 2, 3, 4, 5, 6, 7)], frames
    assert commits == 9


def a_frame_at_every_refresh_misses_nothing():
    judged = judge(*steady(1, 50))
    assert (judged.presented, judged.missed, judged.late) == (49, 0, 0), judged


def a_prompt_client_whose_frame_comes_a_refresh_later_was_missed():
    judged = judge(*steady(1, 10), (10.02, 0.01, 0.0, 12), *steady(12, 20))
    assert (judged.missed, judged.late) == (1, 0), judged


def three_refreshes_without_the_frame_are_three_misses():
    judged = judge(*steady(1, 10), (10.02, 0.01, 0.0, 14), *steady(14, 20))
    assert (judged.missed, judged.late) == (3, 0), judged


def a_client_that_draws_for_most_of_a_refresh_is_late_itself():
    judged = judge(*steady(1, 10), (10.02, 0.9, 0.0, 12), *steady(12, 20))
    assert (judged.missed, judged.late) == (0, 1), judged


def a_client_that_was_kept_from_running_is_late_itself():
    judged = judge(*steady(1, 10), (10.8, 0.01, 0.7, 12), *steady(12, 20))
    assert (judged.missed, judged.late) == (0, 1), judged


def a_callback_that_came_late_is_the_compositors_fault():
    judged = judge(*steady(1, 10), (10.95, 0.01, 0.0, 12), *steady(12, 20))
    assert (judged.missed, judged.late) == (1, 0), judged


def a_late_frame_that_still_made_it_is_nobodys_fault():
    judged = judge(*steady(1, 10), (10.02, 0.9, 0.0, 11), *steady(11, 20))
    assert (judged.missed, judged.late) == (0, 0), judged


def jitter_of_less_than_half_a_refresh_is_no_gap():
    judged = judge(*steady(1, 10), (10.02, 0.01, 0.0, 11.45), *steady(11, 20))
    assert (judged.missed, judged.late) == (0, 0), judged


def a_superseded_frame_does_not_hide_a_gap():
    judged = judge(*steady(1, 10), (10.02, 0.01, 0.0, -1), (11.02, 0.01, 0.0, 12), *steady(12, 20))
    assert (judged.superseded, judged.missed, judged.late) == (1, 1, 0), judged


def a_gap_belongs_to_the_frame_that_waited_longest():
    judged = judge(*steady(1, 10), (10.02, 0.9, 0.0, -1), (11.02, 0.01, 0.0, 12), *steady(12, 20))
    assert (judged.missed, judged.late) == (0, 1), judged


def a_frame_that_never_came_is_missed_to_the_end():
    judged = judge(*steady(1, 10), (10.02, 0.01, 0.0, 0), end=20 * T)
    assert judged.missed == 9, judged


def a_callback_that_never_came_is_missed_to_the_end():
    judged = judge(*steady(1, 10), end=20 * T)
    assert judged.missed == 9, judged


def the_last_frame_may_be_under_way():
    judged = judge(*steady(1, 19), (19.02, 0.01, 0.0, 0), end=20 * T)
    assert judged.missed == 0, judged


def what_was_presented_outside_the_measurement_does_not_count():
    frames = log(*steady(1, 10), (10.02, 0.01, 0.0, 14), *steady(14, 20))
    judged = figures.judge(frames, T, 15 * T, 20 * T)
    assert (judged.presented, judged.missed) == (6, 0), judged


def of_a_gap_across_the_edge_the_part_inside_counts():
    frames = log(*steady(1, 10), (10.02, 0.01, 0.0, 21), *steady(21, 30))
    assert figures.judge(frames, T, 15.5 * T, 30 * T).missed == 5
    assert figures.judge(frames, T, 12 * T, 18 * T).missed == 5  # nothing was presented in all this time


def a_timer_that_is_out_of_phase_has_no_gaps():
    judged = judge((1, 0.01, 0, 2), (2.25, 0.01, 0, 3), (3.5, 0.01, 0, 5), (4.75, 0.01, 0, 6), paced=False)
    assert judged.missed == 0, judged
    judged = judge((1, 0.01, 0, 2), (2.25, 0.01, 0, 4.5), paced=False)
    assert judged.missed == 1, judged


def latency_is_from_commit_to_glass():
    judged = judge((1, 0.25, 0.0, 2))
    assert judged.latencies == [0.75 * T], judged


def the_refresh_is_the_median_interval():
    assert figures.period(log(*steady(1, 10), (10.02, 0.01, 0.0, 14), *steady(14, 20))) == T
    assert figures.period(log(*steady(1, 3))) is None


def percentiles_are_values_that_occurred():
    values = list(range(1, 1001))
    assert [figures.percentile(values, p) for p in (50, 99, 99.9, 100)] == [500, 990, 999, 1000]
    assert figures.percentile([7], 99.9) == 7
    assert figures.percentile([], 50) is None


def three_runs_have_a_median_and_a_spread():
    assert figures.spread([3.0, 1.0, 2.0]) == {"median": 2.0, "min": 1.0, "max": 3.0, "runs": 3}
    assert figures.spread([None, 4.0, None])["runs"] == 1
    assert figures.spread([None]) is None


def steady_memory_has_no_slope():
    assert figures.slope([(0, 5), (10, 5), (20, 5)]) == 0
    assert abs(figures.slope([(0, 1), (10, 3), (20, 5)]) - 0.2) < 1e-12
    assert figures.slope([(1, 1)]) == 0


def clients_buffers_are_not_the_compositors_memory():
    smaps = ("7f0000000000-7f0000100000 rw-s 00000000 00:01 7  /memfd:bench-pool (deleted)\nRss: 90 kB\nPss: 45 kB\n"
             "7f0000200000-7f0000300000 rw-p 00000000 00:00 0  [heap]\nPss: 12 kB\nPss_Dirty: 12 kB\n"
             "7f0000400000-7f0000500000 rw-s 00000000 00:01 9  /memfd:wlroots (deleted)\nPss: 30 kB\n")
    assert measure.sum_pss(smaps) == 42


def a_miss_is_of_a_stall_that_it_lies_in_or_close_to():
    stalls = [(100, 120), (400, 410)]
    assert witness.during([99, 121, 415, 300], stalls, 0) == 0
    assert witness.during([100, 120, 405, 300], stalls, 0) == 3
    assert witness.during([95, 125, 395, 300], stalls, 5) == 3


def a_timer_that_is_kept_from_running_is_a_stall():
    with witness.Witness(priority=0) as seen:
        begin = time.monotonic_ns()
        os.kill(seen.children[0], signal.SIGSTOP)
        time.sleep(0.06)
        end = time.monotonic_ns()
        os.kill(seen.children[0], signal.SIGCONT)
        middle, told = (begin + end) // 2, []
        while witness.during([middle], told, 0) == 0:
            told.append(seen.read())
    assert all(due < woken for due, woken in told)


def plots_stand_what_was_not_measured():
    cell = {"median": 2.0, "min": 1.0, "max": 300.0}
    svg = plot.bars("a & b", "ms", ["one", "two"], ["x", "y"], {"x": {"one": cell}, "y": {"two": None}})
    assert svg.startswith("<svg") and "a &amp; b" in svg and "–" in svg
    assert "polyline" in plot.curves("c", "ms", "n", ["x"], {"x": [(0, 1.0), (32, 0.0)]})


CASES = [case for name, case in list(globals().items())
         if callable(case) and case.__module__ == "__main__" and name not in ("log", "judge", "steady")]


def main():
    failed = 0
    for number, case in enumerate(CASES, 1):
        name = case.__name__.replace("_", "-")
        try:
            case()
            print(f"ok {number} - {name}")
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}")
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="")
    print(f"1..{len(CASES)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
