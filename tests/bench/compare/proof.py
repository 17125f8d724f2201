"""Proof that a compositor composes, and what: each display shows the colour of the client that is to be on it,
and no frame of any client is flagged as scanned out from the client's own buffer.

The picture is the compositor's own (grim, weston-screenshooter, binnaclectl), taken in a session of its
own, since weston allows it only in its debug mode. The flag is looked at in every cell (scenarios.py).
"""
import os
import pathlib
import subprocess

from peers import COLORS, DISPLAYS, Session
from processes import Failed

ZERO_COPY = 8  # wp_presentation_feedback.kind: the client's buffer itself is on glass


def share(path, rect, color):
    """Which part of that rectangle has that colour; buffers differ in their lowest bits."""
    pixels = pathlib.Path(os.environ["BENCH_BUILD"]) / "tests" / "nested" / "pixels"
    done = subprocess.run([pixels, "share", path, ",".join(map(str, rect)), color, "12"], capture_output=True,
                          text=True, check=False)
    if done.returncode not in (0, 1):
        raise Failed(f"picture: {done.stderr.strip()}")
    return float(done.stdout)


def find(session, display):
    """The part of a display's picture that has its client's colour, the changing square left out."""
    peer = session.peer
    path = session.path(f"{display}.png")
    peer.picture(session, display, path)
    x = 0
    if peer.program() == "weston":
        x = sum(DISPLAYS[name][0] for name in peer.displays[:peer.displays.index(display)])
    width, height = DISPLAYS[display]
    return share(path, (x + 200, 200, width - 200, height - 200), COLORS[display])


def prove(peer, folder):
    """Returns a sentence; raises Failed when a display does not show what it must."""
    with Session(peer, folder, proof=True) as session:
        session.start()
        probes = [session.probe(display, "pace") for display in peer.displays]
        for probe in probes:
            probe.line("ready", 20)
        shares = {display: find(session, display) for display in peer.displays}
    wrong = [f"{display}: {part:.0%}" for display, part in shares.items() if part < 0.999]
    if wrong:
        raise Failed("its clients are not where they must be: " + ", ".join(wrong))
    return f"{len(shares)} of {len(shares)} displays show their client's colour in a picture"
