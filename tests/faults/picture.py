"""Pictures of glass: what a display shows, looked at by zone, kept as PNG."""
import mmap
import os
import struct
import zlib

SAMPLES = 2000  # of a box, at most: enough to find a stripe, few enough to look every few ms


class Picture:
    """Rows without gaps, four bytes a pixel: blue, green, red, nothing."""

    def __init__(self, width, height, data):
        self.width, self.height, self.data = width, height, data

    @classmethod
    def from_fd(cls, fd, width, height, stride):
        """Takes the descriptor over."""
        try:
            with mmap.mmap(fd, stride * height, prot=mmap.PROT_READ) as mapped:
                rows = [mapped[y * stride:y * stride + width * 4] for y in range(height if stride != width * 4 else 0)]
                rows = rows or [mapped[:stride * height]]
        finally:
            os.close(fd)
        return cls(width, height, b"".join(rows))

    @classmethod
    def from_ppm(cls, data):
        """As grim writes it: P6, a size, 255, and a single white space before the pixels."""
        kind, width, height, depth = data[:64].split(maxsplit=4)[:4]
        assert (kind, depth) == (b"P6", b"255"), data[:20]
        width, height = int(width), int(height)
        rgb = data[-width * height * 3:]
        pixels = bytearray(width * height * 4)
        pixels[0::4], pixels[1::4], pixels[2::4] = rgb[2::3], rgb[1::3], rgb[0::3]
        return cls(width, height, bytes(pixels))

    @classmethod
    def from_png(cls, data):
        """Only what png() made: three bytes a pixel, no filters."""
        at, packed = 8, b""
        width = height = 0
        while at < len(data):
            length, kind = struct.unpack(">I4s", data[at:at + 8])
            body = data[at + 8:at + 8 + length]
            if kind == b"IHDR":
                width, height = struct.unpack(">II", body[:8])
            elif kind == b"IDAT":
                packed += body
            at += 12 + length
        raw, step = zlib.decompress(packed), width * 3 + 1
        rgb = b"".join(raw[y * step + 1:(y + 1) * step] for y in range(height))
        pixels = bytearray(width * height * 4)
        pixels[0::4], pixels[1::4], pixels[2::4] = rgb[2::3], rgb[1::3], rgb[0::3]
        return cls(width, height, bytes(pixels))

    @classmethod
    def beside(cls, pictures, gap=8):
        """All of them in a row, on grey."""
        width = sum(picture.width for picture in pictures) + gap * (len(pictures) - 1)
        height = max(picture.height for picture in pictures)
        data, left = bytearray(b"\x60\x60\x60\x00" * (width * height)), 0
        for picture in pictures:
            for y in range(picture.height):
                row = picture.data[y * picture.width * 4:(y + 1) * picture.width * 4]
                data[(y * width + left) * 4:(y * width + left) * 4 + len(row)] = row
            left += picture.width + gap
        return cls(width, height, bytes(data))

    @classmethod
    def beneath(cls, pictures, gap=8):
        """One beneath the other, on white."""
        width, white = max(picture.width for picture in pictures), b"\xff\xff\xff\x00"
        rows = []
        for picture in pictures:
            rows += [white * width] * (gap if rows else 0)
            rows += [bytes(picture.data[y * picture.width * 4:(y + 1) * picture.width * 4]) + white * (width - picture.width)
                     for y in range(picture.height)]
        return cls(width, len(rows), b"".join(rows))

    def half(self):
        """Every second pixel of every second row."""
        rows = []
        for y in range(0, self.height - 1, 2):
            row = memoryview(self.data)[y * self.width * 4:(y + 1) * self.width * 4].cast("I")
            rows.append(row[:self.width - self.width % 2:2].tobytes())
        return Picture(self.width // 2, self.height // 2, b"".join(rows))

    def samples(self, box):
        """Pixels as 0xRRGGBB on a grid over the box (x, y, width, height)."""
        x, y, width, height = box
        step = 1
        while (width // step) * (height // step) > SAMPLES:
            step += 1
        pixels = memoryview(self.data).cast("I")
        for row in range(y + step // 2, min(y + height, self.height), step):
            begin = row * self.width
            for pixel in pixels[begin + x + step // 2:begin + min(x + width, self.width):step].tolist():
                yield pixel & 0xffffff

    def share(self, box, colour, tolerance=3):
        """How much of the box has the colour, 0..1."""
        found = total = 0
        for pixel in self.samples(box):
            total += 1
            found += pixel == colour or all(
                abs((pixel >> shift & 255) - (colour >> shift & 255)) <= tolerance for shift in (0, 8, 16))
        return found / total if total else 0.0

    def whole(self):
        return (0, 0, self.width, self.height)

    def png(self):
        rgb = bytearray(self.width * self.height * 3)
        rgb[0::3], rgb[1::3], rgb[2::3] = self.data[2::4], self.data[1::4], self.data[0::4]
        step = self.width * 3
        raw = b"".join(b"\0" + bytes(rgb[y * step:(y + 1) * step]) for y in range(self.height))
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 6)) + chunk(b"IEND", b"")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def plain(width, height, colour):
    """One colour all over, to be compared with."""
    return Picture(width, height, struct.pack("<I", colour) * (width * height))
