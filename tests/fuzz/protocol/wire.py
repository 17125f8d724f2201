"""A Wayland connection that may be wrong: bytes and descriptors, as they are told to be.

Nothing of libwayland is in between, so every size, opcode, id and descriptor can be any.
"""
import array
import os
import select
import socket
import struct
import time

DISPLAY, REGISTRY = 1, 2
SERVER_IDS = 0xff000000
FDS_AT_ONCE = 28  # what libwayland takes with one read


class Gone(Exception):
    """The compositor hung up; the text is its protocol error, if it sent one."""


class Stuck(Exception):
    """It did not answer in time."""


def pad(data):
    return data + bytes(-len(data) % 4)


def pack_string(text):
    if text is None:
        return struct.pack("=I", 0)
    data = text.encode("utf-8", "surrogateescape") + b"\0"
    return struct.pack("=I", len(data)) + pad(data)


def pack_array(data):
    return struct.pack("=I", len(data)) + pad(data)


def pack(message, values):
    """The body of a message; what is a descriptor is not in it. `values`: one for each argument."""
    body = b""
    for arg, value in zip(message.args, values):
        if arg.type in ("int", "fixed"):
            body += struct.pack("=i", value)
        elif arg.type == "string":
            body += pack_string(value)
        elif arg.type == "array":
            body += pack_array(bytes.fromhex(value))
        elif arg.type == "new_id" and arg.interface is None:
            interface, version, new_id = value
            body += pack_string(interface) + struct.pack("=II", version, new_id)
        elif arg.type != "fd":
            body += struct.pack("=I", value or 0)
    return body


def header(object_id, opcode, size):
    return struct.pack("=II", object_id & 0xffffffff, (size & 0xffff) << 16 | (opcode & 0xffff))


class Reader:
    """Takes the arguments of an event apart."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def word(self, kind):
        value, = struct.unpack_from("=" + kind, self.body, self.at)
        self.at += 4
        return value

    def data(self):
        size = self.word("I")
        data = self.body[self.at:self.at + size]
        self.at += (size + 3) // 4 * 4
        return data

    def value(self, arg):
        if arg.type in ("int", "fixed"):
            return self.word("i")
        if arg.type == "string":
            return self.data()[:-1].decode("utf-8", "replace")
        if arg.type == "array":
            return self.data()
        return None if arg.type == "fd" else self.word("I")


def connect(path, patience_s=10):
    """A connected socket; TimeoutError: nobody took it. It waits where many others want in: one of Python's own
    timeouts makes a socket non-blocking, and such a one is turned away by a full queue (EAGAIN)."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", int(patience_s), int(patience_s % 1 * 1e6)))
        link.connect(path)
    except OSError as error:
        link.close()
        if isinstance(error, BlockingIOError):
            raise TimeoutError(f"{path}: not let in within {patience_s} s") from error
        raise
    return link


class Wire:
    """One connection. `handle(object_id, opcode, body)` is called for each event, while something is sent or awaited."""

    def __init__(self, path, handle):
        try:
            self.socket = connect(path)
        except TimeoutError as error:
            raise Stuck(str(error)) from error
        self.socket.setblocking(False)
        self.handle = handle
        self.out, self.fds, self.rest = bytearray(), [], b""
        self.received_fds = 0

    def close(self):
        self.socket.close()
        for fd in self.fds:
            os.close(fd)
        self.fds = []

    def put(self, data, fds=()):
        """Queues bytes and descriptors, which are closed once they are sent."""
        self.out += data
        self.fds += fds
        if len(self.out) > 4000 or len(self.fds) >= FDS_AT_ONCE:
            self.flush()

    def send_some(self):
        """False: its socket is full."""
        fds = self.fds[:FDS_AT_ONCE]
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        try:
            sent = self.socket.sendmsg([self.out], ancillary)
        except BlockingIOError:
            return False
        except OSError as error:
            self.read()  # its last words may be there
            raise Gone(str(error)) from error
        del self.out[:sent]
        for fd in fds:
            os.close(fd)
        del self.fds[:len(fds)]
        return True

    def flush(self, limit_s=10):
        end = time.monotonic() + limit_s
        while self.out or self.fds:
            if not self.out:
                break  # descriptors need at least a byte to go with
            if not self.send_some():
                if time.monotonic() > end:
                    raise Stuck(f"it has not read for {limit_s} s")
                select.select([self.socket], [self.socket], [], 0.1)
            self.read()

    def read(self):
        """Takes what is there; never waits."""
        while True:
            try:
                data, ancillary, _, _ = self.socket.recvmsg(1 << 16, socket.CMSG_LEN(4 * FDS_AT_ONCE))
            except BlockingIOError:
                break
            except OSError as error:
                raise Gone(str(error)) from error
            for level, kind, content in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    for fd in array.array("i", content[:len(content) // 4 * 4]):
                        self.received_fds += 1
                        os.close(fd)
            if not data:
                raise Gone("it hung up")
            self.rest += data
            self.take()

    def take(self):
        at = 0
        while len(self.rest) - at >= 8:
            object_id, word = struct.unpack_from("=II", self.rest, at)
            size = word >> 16
            if size < 8 or len(self.rest) - at < size:
                break
            body = self.rest[at + 8:at + size]
            at += size
            self.handle(object_id, word & 0xffff, body)
        self.rest = self.rest[at:]

    def until(self, condition, limit_s=10):
        self.flush(limit_s)
        end = time.monotonic() + limit_s
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                raise Stuck(f"no answer within {limit_s} s")
            select.select([self.socket], [], [], left)
            self.read()
