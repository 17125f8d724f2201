#!/usr/bin/env python3
"""The safe pictures that a compositor gives to its guard, as PNG.

usage: safe_pictures.py BINNACLE LAYOUT FOLDER

One for each display of the layout, FOLDER/safe-DISPLAY.png, as it is scanned out.
"""
import os
import pathlib
import struct
import sys
import tempfile
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guarded import PICTURE, Playing  # noqa: E402 # pylint: disable=wrong-import-position


def png(width, height, stride, pixels):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = b""
    for y in range(height):
        row = pixels[y * stride:y * stride + width * 4]
        rgb = bytearray(width * 3)
        rgb[0::3], rgb[1::3], rgb[2::3] = row[2::4], row[1::4], row[0::4]
        rows += b"\0" + rgb
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def displays(layout):
    """Names in the order of the file, which is that of headless outputs."""
    names, inside = [], False
    for line in pathlib.Path(layout).read_text().splitlines():
        if not line.startswith((" ", "#")):
            inside = line.startswith("displays:")
        elif inside and line.startswith("  ") and line[2] not in " #":
            names.append(line.strip().split(":")[0])
    return names


def main():
    binnacle, layout, folder = sys.argv[1:]
    names = displays(layout)
    with tempfile.TemporaryDirectory(prefix="bn-safe-") as runtime:
        os.chmod(runtime, 0o700)
        env = dict(os.environ, XDG_RUNTIME_DIR=runtime)
        playing = Playing(binnacle, layout, env, os.path.join(runtime, "log"))
        for name in names:
            message = playing.until(PICTURE)
            pixels = os.pread(message.fd, message.stride * message.height, 0)
            os.close(message.fd)
            path = pathlib.Path(folder) / f"safe-{name}.png"
            path.write_bytes(png(message.width, message.height, message.stride, pixels))
            print(path)
        playing.end()


main()
