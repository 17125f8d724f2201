#!/usr/bin/env python3
"""edid.py NAME SERIAL WIDTHxHEIGHT WIDTH_MMxHEIGHT_MM FILE: an EDID 1.4 block for a virtual head at 60 Hz."""

import sys

MAKER = "BNN"


def pair(text):
    return tuple(int(number) for number in text.split("x"))


def text_descriptor(tag, text):
    padded = (text + "\n").ljust(13) if len(text) < 13 else text[:13]
    return bytes([0, 0, 0, tag, 0]) + padded.encode("ascii")


def timing(size, size_mm):
    """CVT reduced blanking, roughly: 160 pixels across, 32 lines down, 60 Hz."""
    (width, height), (width_mm, height_mm) = size, size_mm
    across, down = 160, 32
    clock_10khz = (width + across) * (height + down) * 60 // 10000
    front, sync, v_front, v_sync = 48, 32, 3, 6
    return bytes([
        clock_10khz & 0xFF, clock_10khz >> 8,
        width & 0xFF, across, (width >> 8) << 4 | across >> 8,
        height & 0xFF, down, (height >> 8) << 4 | down >> 8,
        front, sync, v_front << 4 | v_sync, 0,
        width_mm & 0xFF, height_mm & 0xFF, (width_mm >> 8) << 4 | height_mm >> 8,
        0, 0, 0x1A,
    ])


def edid(name, serial, size, size_mm):
    maker = 0
    for letter in MAKER:
        maker = maker << 5 | ord(letter) - ord("A") + 1
    block = bytearray(bytes.fromhex("00ffffffffffff00"))
    block += maker.to_bytes(2, "big")
    block += bytes([1, 0, 0, 0, 0, 0, 1, 36])  # product 1, no number, week 1 of 2026
    block += bytes([1, 4, 0xA5, size_mm[0] // 10, size_mm[1] // 10, 120, 0x06])
    block += bytes(10)  # colour: not stated
    block += bytes(3)  # no established timings
    block += bytes([1, 1] * 8)  # no standard timings
    block += timing(size, size_mm)
    block += text_descriptor(0xFC, name)
    block += text_descriptor(0xFF, serial)
    block += text_descriptor(0x10, "")
    block += bytes([0])  # no extension
    block.append(-sum(block) % 256)
    assert len(block) == 128
    return bytes(block)


name, serial, size, size_mm, path = sys.argv[1:]
with open(path, "wb") as out:
    out.write(edid(name, serial, pair(size), pair(size_mm)))
