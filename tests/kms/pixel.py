#!/usr/bin/env python3
"""pixel.py FILE.png X Y [X Y]...: the colours there, from top to bottom, as six hexadecimal digits each. RGB and
RGBA, 8 bit, not interlaced."""
import struct
import sys
import zlib


def rows(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG"
    width, height, depth, kind, _, _, interlace = struct.unpack(">IIBBBBB", data[16:29])
    assert depth == 8 and kind in (2, 6) and interlace == 0, "only RGB(A), 8 bit"
    size = 3 if kind == 2 else 4
    body, at = b"", 8
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        if name == b"IDAT":
            body += data[at + 8 : at + 8 + length]
        at += 12 + length
    raw, stride = zlib.decompress(body), width * size
    previous = bytearray(stride)
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        for i in range(stride):
            left = line[i - size] if i >= size else 0
            up, corner = previous[i], previous[i - size] if i >= size else 0
            if kind == 1:
                line[i] = (line[i] + left) & 255
            elif kind == 2:
                line[i] = (line[i] + up) & 255
            elif kind == 3:
                line[i] = (line[i] + (left + up) // 2) & 255
            elif kind == 4:
                guess = left + up - corner
                distances = [(abs(guess - v), n, v) for n, v in enumerate((left, up, corner))]
                line[i] = (line[i] + min(distances)[2]) & 255
        previous = line
        yield size, line


def main():
    numbers = [int(number) for number in sys.argv[2:]]
    points = sorted(zip(numbers[1::2], numbers[::2]))
    with open(sys.argv[1], "rb") as file:
        for row, (size, line) in enumerate(rows(file.read())):
            while points and points[0][0] == row:
                _, x = points.pop(0)
                print(line[x * size : x * size + 3].hex())
            if not points:
                return


main()
