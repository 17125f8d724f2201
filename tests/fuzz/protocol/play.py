"""Plays steps, one JSON line each, against a compositor. What is only known there is a symbol in a step.

  ["bind", INTERFACE, INDEX, VERSION, ID]     the INDEX-th global of that interface
  ["call", ID, INTERFACE, REQUEST, [VALUE...]]
  ["raw", HEX, [DESCRIPTOR...]]               bytes as they are
  ["sync", ID]                                waits until all before has been carried out
  ["size", SLOT, BYTES]                       changes the size of a file behind the compositor's back
  ["deaf", SECONDS]                           sends and reads nothing for a while

VALUE is a number, a text, null, the hex digits of an array, or one of
  {"serial": "configure", "of": ID}  {"serial": "input"}  {"latest": INTERFACE}  {"token": true}
  {"fd": KIND, "size": BYTES, "slot": SLOT}
Ids are stated, never chosen here, so that a step can be left out.
"""
import json
import os
import socket
import struct
import time

import wire

FIRST_ID = wire.REGISTRY + 2  # that steps may use
KEYMAP_HEAD = b"xkb_keymap { xkb_keycodes { <A> = 38; }; xkb_types { include \"complete\" };"
KEYMAP_TAIL = b" xkb_compat { include \"complete\" }; xkb_symbols { key <A> { [ a ] }; }; };\0"


def dump(step):
    return json.dumps(step, separators=(",", ":"))


def load(text):
    """Steps of a file: lines that begin with # are words for people."""
    return [json.loads(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def memory(size, content=b""):
    fd = os.memfd_create("fuzz-pool", os.MFD_CLOEXEC)
    if content:
        os.write(fd, content)
    os.ftruncate(fd, size)
    return fd


def keymap(kind, size):
    content = {
        "keymap": KEYMAP_HEAD + KEYMAP_TAIL,
        "keymap-open": b"a" * size,  # no NUL anywhere
        "keymap-junk": os.urandom(0) + bytes(range(1, 256)) * (size // 255 + 1),
        "keymap-deep": b"xkb_keymap { " + b"(" * size,
    }[kind]
    return memory(size if kind != "keymap" else max(size, len(content)), content[:max(size, 1)])


def listening_socket():
    """One that nobody can connect to by name, but for its descriptor."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind("")  # the kernel chooses an abstract name
    listening.listen(4)
    return listening.detach()


def open_fd(kind, size):
    if kind == "memory":
        return memory(size)
    if kind == "filled":
        return memory(size, b"x" * size)
    if kind.startswith("keymap"):
        return keymap(kind, size)
    if kind == "pipe-read" or kind == "pipe-write":
        ends = os.pipe()
        keep = kind == "pipe-write"
        os.close(ends[not keep])
        return ends[keep]
    if kind == "socket":
        one, other = socket.socketpair()
        other.close()
        return one.detach()
    if kind == "listen":
        return listening_socket()
    if kind == "event":
        return os.eventfd(0)
    return os.open({"null": "/dev/null", "zero": "/dev/zero", "folder": "/"}[kind],
                   os.O_RDONLY if kind == "folder" else os.O_RDWR)


FD_KINDS = ["memory", "pipe-read", "pipe-write", "socket", "listen", "event", "null", "zero", "folder"]


class Player:
    """One connection and what has been learned on it."""

    def __init__(self, interfaces, path=None):
        self.interfaces = interfaces
        self.objects = {wire.DISPLAY: interfaces["wl_display"], wire.REGISTRY: interfaces["wl_registry"]}
        self.globals = {}    # interface -> [(name, version)...]
        self.serials = {}    # xdg_surface id -> its last serial
        self.latest = {}     # interface -> id that the compositor made last
        self.input_serial = 0
        self.token = "none"
        self.slots = {}
        self.done = set()    # callbacks
        self.error = None    # (object, code, text)
        self.wire = None     # None: nothing is sent, bytes are for print only
        self.bytes_sent = 0
        self.broken = False  # it was sent what may be no message
        if path is not None:
            self.wire = wire.Wire(path, self.handle)
            self.put(wire.header(wire.DISPLAY, 1, 12) + struct.pack("=I", wire.REGISTRY))
            self.sync(FIRST_ID - 1)  # the globals must be known before they are bound

    def close(self):
        if self.wire is not None:
            self.wire.close()
        for fd in self.slots.values():
            os.close(fd)
        self.slots = {}

    def put(self, data, fds=()):
        self.bytes_sent += len(data)
        if self.wire is not None:
            self.wire.put(data, list(fds))

    # Events

    def handle(self, object_id, opcode, body):
        interface = self.objects.get(object_id)
        if interface is None or opcode >= len(interface.events):
            return
        event = interface.events[opcode]
        reader = wire.Reader(body)
        values = []
        for arg in event.args:
            value = reader.value(arg)
            if arg.type == "new_id":
                self.objects[value] = self.interfaces.get(arg.interface)
                self.latest[arg.interface] = value
            values.append(value)
        self.learn(object_id, interface.name, event.name, values)

    def learn(self, object_id, interface, event, values):
        if interface == "wl_display" and event == "error":
            self.error = tuple(values)
        elif interface == "wl_registry" and event == "global":
            self.globals.setdefault(values[1], []).append((values[0], values[2]))
        elif interface == "wl_callback":
            self.done.add(object_id)
        elif interface == "xdg_surface":
            self.serials[object_id] = values[0]
        elif interface in ("wl_pointer", "wl_keyboard", "wl_touch") and event in ("button", "enter", "key", "down"):
            self.input_serial = values[0]
        elif interface == "xdg_activation_token_v1":
            self.token = values[0]

    # Steps

    def value(self, value, arg, fds):
        if not isinstance(value, dict):
            return value
        if "serial" in value:
            known = self.serials.get(value.get("of"), 0) if value["serial"] == "configure" else self.input_serial
            return known
        if "latest" in value:
            return self.latest.get(value["latest"], 0)
        if "token" in value:
            return self.token
        if self.wire is not None:
            fds.append(self.descriptor(value))
        return 0

    def descriptor(self, value):
        if value["fd"] == "slot" and value["slot"] in self.slots:
            return os.dup(self.slots[value["slot"]])
        kind = "memory" if value["fd"] == "slot" else value["fd"]
        fd = open_fd(kind, value.get("size", 0))
        if "slot" in value:
            old = self.slots.pop(value["slot"], None)
            if old is not None:
                os.close(old)
            self.slots[value["slot"]] = os.dup(fd)
        return fd

    def remember(self, message, values):
        for arg, value in zip(message.args, values):
            if arg.type == "new_id" and arg.interface is not None and isinstance(value, int):
                self.objects[value] = self.interfaces.get(arg.interface)

    def call(self, object_id, interface, request, values):
        message = next(m for m in self.interfaces[interface].requests if m.name == request)
        if isinstance(object_id, dict):
            object_id = self.value(object_id, None, [])
        fds = []
        values = [self.value(value, arg, fds) for arg, value in zip(message.args, values)]
        body = wire.pack(message, values)
        self.remember(message, values)
        if len(body) + 8 < 4096:  # libwayland reads no longer message
            self.put(wire.header(object_id, message.opcode, len(body) + 8) + body, fds)
        else:
            for fd in fds:
                os.close(fd)

    def bind(self, interface, index, version, new_id):
        known = self.globals.get(interface, [])
        if index >= len(known) and self.wire is not None:
            return
        name, offered = known[index] if index < len(known) else (0, version)
        self.objects[new_id] = self.interfaces[interface]
        self.call(wire.REGISTRY, "wl_registry", "bind", [name, [interface, min(version, offered), new_id]])

    def sync(self, new_id):
        self.call(wire.DISPLAY, "wl_display", "sync", [new_id])
        if self.wire is None:
            return
        try:
            self.wire.until(lambda: new_id in self.done, 1 if self.broken else 10)
        except wire.Stuck as stuck:
            if not self.broken:
                raise
            raise wire.Gone("it may wait for the rest of a broken message") from stuck

    def step(self, step):
        kind, *rest = step
        if kind == "bind":
            self.bind(*rest)
        elif kind == "call":
            self.call(*rest)
        elif kind == "sync":
            self.sync(*rest)
        elif kind == "raw":
            self.broken = True
            self.put(bytes.fromhex(rest[0]), [self.descriptor(value) for value in rest[1]] if self.wire else [])
        elif kind == "size" and rest[0] in self.slots:
            # What was queued before must be seen with the old size as well as with the new one: no flush here.
            os.ftruncate(self.slots[rest[0]], rest[1])
        elif kind == "deaf" and self.wire is not None:
            self.wire.flush()
            time.sleep(rest[0])


def play(interfaces, path, steps, told=None):
    """Plays them all. Returns why it ended early: a text, or None. A Stuck is not caught: it is what is looked for."""
    player = Player(interfaces, path)
    try:
        for step in steps:
            if told is not None:
                told(step)
            player.step(step)
        player.wire.flush()
        player.wire.read()
    except wire.Gone as gone:
        if player.error is not None:
            return f"{player.error[2]} (object {player.error[0]}, code {player.error[1]})"
        return str(gone)
    finally:
        player.close()
    return None


def reduce(steps, dies, tell=lambda _: None):
    """Leaves out halves, quarters, ... of the steps for as long as it still dies."""
    size = max(1, len(steps) // 2)
    while size >= 1:
        at = 0
        while at < len(steps):
            candidate = steps[:at] + steps[at + size:]
            if dies(candidate):
                steps = candidate
            else:
                at += size
        tell(steps)
        size //= 2
    return steps
