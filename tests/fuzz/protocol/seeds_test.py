"""The fuzzer itself: a seed always makes the same bytes, what is written can be played again, and gaps are judged right."""
import concurrent.futures
import json
import os
import pathlib
import socket
import sys
import tempfile
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import journal  # noqa: E402 # pylint: disable=wrong-import-position
import moves  # noqa: E402 # pylint: disable=wrong-import-position
import play  # noqa: E402 # pylint: disable=wrong-import-position
import signatures  # noqa: E402 # pylint: disable=wrong-import-position
import stage  # noqa: E402 # pylint: disable=wrong-import-position
import wire  # noqa: E402 # pylint: disable=wrong-import-position
from figures import Frame  # noqa: E402 # pylint: disable=wrong-import-position

FACTS = json.loads((pathlib.Path(os.environ["FUZZ_BUILD"]) / "tests/fuzz/protocol/facts.json").read_text())
INTERFACES = signatures.read(FACTS["xml"])
OFFERED = [(name, 0, INTERFACES[name].version) for name in sorted(INTERFACES)
           if name.endswith("_manager_v1") or name in ("wl_compositor", "wl_shm", "wl_seat", "wl_output", "xdg_wm_base")]
T = stage.PERIOD_NS


def sent(steps):
    data = []
    player = play.Player(INTERFACES)
    player.put = lambda message, fds=(): data.append(message)
    for step in steps:
        player.step(step)
    return b"".join(data)


def a_seed_makes_the_same_bytes():
    for number in range(20):
        one, other = (moves.episode(INTERFACES, OFFERED, f"7/{number}") for _ in range(2))
        assert one == other
        assert sent(one) == sent(other)


def seeds_differ():
    assert len({sent(moves.episode(INTERFACES, OFFERED, f"{number}/0")) for number in range(20)}) == 20


def steps_survive_being_written():
    steps = moves.episode(INTERFACES, OFFERED, "3/3")
    text = "# words\n" + "".join(play.dump(step) + "\n" for step in steps)
    assert sent(play.load(text)) == sent(steps)


def all_requests_of_all_globals_are_made():
    """In a few hundred episodes, but for what has no object here or is never offered on a headless display."""
    said = set()
    for number in range(250):
        for step in moves.episode(INTERFACES, OFFERED, f"all/{number}"):
            if step[0] == "call":
                said.add((step[2], step[3]))
    core = ["wl_compositor", "wl_surface", "wl_shm", "wl_shm_pool", "wl_buffer", "wl_region", "wl_seat", "wl_touch", "xdg_wm_base",
            "xdg_surface", "xdg_toplevel", "xdg_popup", "xdg_positioner", "zwp_virtual_keyboard_v1", "zwlr_virtual_pointer_v1",
            "zwlr_screencopy_frame_v1", "wp_security_context_v1", "zxdg_toplevel_decoration_v1"]
    missing = [f"{name}.{request.name}" for name in core for request in INTERFACES[name].requests
               if (name, request.name) not in said]
    assert not missing, missing


def a_message_is_packed_as_libwayland_does():
    title = next(m for m in INTERFACES["xdg_toplevel"].requests if m.name == "set_title")
    assert wire.pack(title, ["abc"]) == b"\4\0\0\0abc\0"
    assert wire.pack(title, ["abcd"]) == b"\5\0\0\0abcd\0\0\0\0"


def who_is_not_let_in_at_once_waits():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        path = f"{folder}/door"
        door.bind(path)
        door.listen(0)  # the kernel lets one wait
        with wire.connect(path), concurrent.futures.ThreadPoolExecutor(1) as pool:
            try:
                wire.connect(path, patience_s=0.1).close()
                raise AssertionError("there was room")
            except TimeoutError:
                pass
            late = pool.submit(wire.connect, path)
            for _ in range(2):
                door.accept()[0].close()
            late.result().close()


class NoWaits:
    def between(self, *_):
        return 0


class Busy:
    def between(self, *_):
        return T


def frames(*presented):
    return [Frame(cause=t - T, commit=t - T + 1e5, presented=t, refresh=0, waited=0, sequence=0, flags=0)
            for t in (n * T for n in presented)]


def a_gap_is_missed_starved_or_late():
    log = frames(1, 2, 3, 6, 7)
    assert stage.judge_witness(log, 0, 8 * T, [NoWaits()]) == (5, 2, 0, 0)
    assert stage.judge_witness(log, 0, 8 * T, [NoWaits(), Busy()]) == (5, 0, 0, 2)
    log[3] = log[3]._replace(waited=T)
    assert stage.judge_witness(log, 0, 8 * T, [NoWaits()]) == (5, 0, 2, 0)


def silence_at_the_end_is_missed():
    assert stage.judge_witness(frames(1, 2, 3), 0, 63 * T, [NoWaits()]) == (3, 59, 0, 0)


def only_what_kills_is_left():
    assert play.reduce(list(range(100)), lambda steps: {3, 50, 51} <= set(steps)) == [3, 50, 51]
    assert play.reduce([1], lambda steps: 1 in steps) == [1]


def frame(wake_ms, flags, due_ms=0, latch_ms=1, submit_ms=2, commit_ms=3):
    none = dict.fromkeys(journal.Frame._fields, 0)
    return journal.Frame(**{**none, "wake_ns": wake_ms * 1e6, "flags": flags, "due": due_ms * 1e6, "latch": latch_ms * 1e6,
                            "submit": submit_ms * 1e6, "commit": commit_ms * 1e6})


def a_gap_is_put_down_to_what_the_loop_did():
    cluster, divided = frame(120, journal.SAFETY), frame(100, journal.DIVIDED, commit_ms=40)
    for cause, frames in (("other", [cluster]), ("dispatch", []), ("dispatch", [frame(120, journal.SAFETY, due_ms=-5)]),
                          ("own frame", [frame(110, journal.SAFETY, commit_ms=20)]),
                          ("another display's latch", [cluster, frame(105, 0, latch_ms=10, submit_ms=11, commit_ms=12)]),
                          ("another display's draw", [cluster, frame(105, 0, submit_ms=15, commit_ms=16)]),
                          ("a divided frame", [cluster, divided]), ("dispatch", [frame(10, 0, commit_ms=20)])):
        assert journal.cause(frames, 100e6, 133e6) == cause, (cause, frames)


CASES = [a_seed_makes_the_same_bytes, seeds_differ, steps_survive_being_written, all_requests_of_all_globals_are_made,
         a_message_is_packed_as_libwayland_does, a_gap_is_missed_starved_or_late, silence_at_the_end_is_missed, only_what_kills_is_left,
         who_is_not_let_in_at_once_waits, a_gap_is_put_down_to_what_the_loop_did]


def main():
    failed = 0
    for number, case in enumerate(CASES, 1):
        try:
            case()
            fault = ""
        except Exception:  # pylint: disable=broad-except
            fault = traceback.format_exc()
        failed += bool(fault)
        print(f"{'not ok' if fault else 'ok'} {number} - {case.__name__.replace('_', '-')}")
        for line in fault.splitlines():
            print(f"# {line}")
    print(f"1..{len(CASES)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
