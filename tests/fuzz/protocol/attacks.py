"""Attacks on resources: each goes on until told to stop, with a new connection whenever its own was ended.

An attack is a function of a Client and `goes_on`, which says whether it is to go on. It is not random, so its
name is all that is needed to have it again.
"""
import contextlib
import ctypes
import os
import socket
import struct
import time

import play
import wire

HUGE = 0x7fffffff


class Client:
    """A connection with what most attacks begin with."""

    def __init__(self, interfaces, path):
        self.player = play.Player(interfaces, path)
        self.next_id = play.FIRST_ID

    def close(self):
        self.player.close()

    def id(self):
        self.next_id += 1
        return self.next_id - 1

    def sync(self):
        self.player.sync(self.id())

    def bind(self, interface, version=99):
        """Its id; None when it is not offered to us."""
        if interface not in self.player.globals:
            return None
        new_id = self.id()
        self.player.bind(interface, 0, version, new_id)
        return new_id

    def call(self, object_id, request, *values):
        """`request` is INTERFACE.NAME. Returns the id of what it makes, where a value is `id`."""
        interface, name = request.split(".")
        made = None
        if any(value is Client.id for value in values):
            made = self.id()
            values = [made if value is Client.id else value for value in values]
        self.player.call(object_id, interface, name, list(values))
        return made

    def surface(self, compositor):
        return self.call(compositor, "wl_compositor.create_surface", Client.id)

    def buffer(self, width, height, size=None, slot=0):
        """One picture in a pool of its own."""
        shm = self.bind("wl_shm")
        size = size or width * height * 4
        pool = self.call(shm, "wl_shm.create_pool", Client.id, {"fd": "memory", "size": size, "slot": slot}, size)
        return self.call(pool, "wl_shm_pool.create_buffer", Client.id, 0, width, height, width * 4, 0)

    def window(self, app_id="attacker"):
        """A toplevel that may be drawn: (wl_compositor, wl_surface)."""
        compositor, shell = self.bind("wl_compositor"), self.bind("xdg_wm_base")
        surface = self.surface(compositor)
        xdg = self.call(shell, "xdg_wm_base.get_xdg_surface", Client.id, surface)
        top = self.call(xdg, "xdg_surface.get_toplevel", Client.id)
        self.call(top, "xdg_toplevel.set_app_id", app_id)
        self.call(surface, "wl_surface.commit")
        self.sync()
        self.call(xdg, "xdg_surface.ack_configure", {"serial": "configure", "of": xdg})
        return compositor, surface

    def show(self, surface, buffer):
        self.call(surface, "wl_surface.attach", buffer, 0, 0)
        self.call(surface, "wl_surface.damage", 0, 0, HUGE, HUGE)
        self.call(surface, "wl_surface.commit")


def rest(seconds):
    time.sleep(seconds)


# Who does not read

def deaf(client, goes_on):
    """Asks and asks and reads no answer."""
    registry = wire.header(wire.DISPLAY, 1, 12)
    client.player.wire.flush()
    link = client.player.wire.socket
    while goes_on():
        data = b"".join(registry + struct.pack("=I", client.id()) for _ in range(200))
        try:
            link.send(data)
        except BlockingIOError:
            rest(0.05)
        except OSError as error:
            raise wire.Gone(str(error)) from error


def half(client, goes_on):
    """Half a message, and then nothing: on many connections."""
    client.player.wire.flush()
    client.player.wire.socket.send(wire.header(wire.DISPLAY, 0, 12)[:6])
    while goes_on():
        rest(0.05)


def drip(client, goes_on):
    """A message a byte at a time."""
    while goes_on():
        for byte in wire.header(wire.DISPLAY, 0, 12) + struct.pack("=I", client.id()):
            client.player.wire.put(bytes([byte]))
            client.player.wire.flush()
            rest(0.001)


# Many things

def make_many(request, first=None, pause=64):
    """An attack that makes objects without end; `first(client)` returns whom to ask and further values."""
    def attack(client, goes_on):
        target, *values = first(client)
        if target is None:
            rest(0.2)
            return
        count = 0
        while goes_on():
            client.call(target, request, *[Client.id if value is None else value for value in values])
            count += 1
            if count % pause == 0:
                client.player.wire.flush()
                client.player.wire.read()
    attack.__doc__ = f"{request} without end"
    return attack


def with_surface(client):
    return [client.surface(client.bind("wl_compositor")), None]


def with_feedback(client):
    surface = client.surface(client.bind("wl_compositor"))
    return [client.bind("wp_presentation"), surface, None]


def with_pool(client):
    return [client.bind("wl_shm"), None, {"fd": "memory", "size": 4096}, 4096]


def some_tokens(client, manager, count):
    """Activation tokens that are asked for and thrown away: each lives on for a while."""
    for _ in range(count):
        token = client.call(manager, "xdg_activation_v1.get_activation_token", Client.id)
        client.call(token, "xdg_activation_token_v1.commit")
        client.call(token, "xdg_activation_token_v1.destroy")
    client.sync()


def tokens(client, goes_on):
    """Tokens without end."""
    manager = client.bind("xdg_activation_v1")
    while goes_on():
        some_tokens(client, manager, 100)


def connections(client, goes_on):
    """Hundreds of connections that say nothing."""
    path = client.player.wire.socket.getpeername()
    with contextlib.ExitStack() as open_links:
        for _ in range(600):
            if not goes_on():
                return
            try:
                open_links.enter_context(wire.connect(path))
            except OSError:
                break
        while goes_on():
            rest(0.1)


def descriptors(client, goes_on):
    """Descriptors that no message asks for."""
    client.player.wire.flush()
    while goes_on():
        fds = [os.open("/dev/null", os.O_RDONLY) for _ in range(wire.FDS_AT_ONCE)]
        client.player.put(wire.header(wire.DISPLAY, 0, 12) + struct.pack("=I", client.id()), fds)
        client.player.wire.flush()


def lingering(others):
    """A TCP socket whose last close() waits a minute for its other end, one of `others`, to read what was sent."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(1)
        link = socket.create_connection(door.getsockname())
        others.append(door.accept()[0])
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("=ii", 1, 60))
    link.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while link.send(bytes(1 << 16)):
            pass
    link.setblocking(True)  # else it would not wait
    return link.detach()


def queued(fd):
    """A socket in whose queue that descriptor is."""
    one, other = socket.socketpair()
    with one:
        socket.send_fds(one, [b"x"], [fd])
    os.close(fd)
    return other.detach()


def watching():
    """Who ends this one waits for the kernel's readers."""
    libc = ctypes.CDLL(None)
    fd = libc.inotify_init1(os.O_CLOEXEC)
    libc.inotify_add_watch(fd, b"/tmp", 0x100)  # IN_CREATE
    return fd


def last_closes(client, goes_on):
    """Descriptors that take long to close, of which ours are the last: some that no message asks for, and a pool's."""
    size, others = 64 << 20, []
    shm = client.bind("wl_shm")
    try:
        while goes_on() and len(others) < 64:
            pool = client.call(shm, "wl_shm.create_pool", Client.id, {"fd": "filled", "size": size}, size)
            client.call(pool, "wl_shm_pool.destroy")
            fds = [lingering(others), queued(lingering(others)), watching()]
            client.player.put(wire.header(wire.DISPLAY, 0, 12) + struct.pack("=I", client.id()), fds)
            client.player.wire.flush()
    finally:
        client.close()  # while the other ends do not read
        rest(0.2)
        for other in others:
            other.close()


def regions(client, goes_on):
    """Regions of ever more rectangles, on a surface that shows."""
    compositor, surface = client.window()
    client.show(surface, client.buffer(480, 320))
    region = client.call(compositor, "wl_compositor.create_region", Client.id)
    count = 0
    while goes_on():
        count += 1
        x, y = count * 2 % 30000, count * 2 // 30000 * 2
        client.call(region, "wl_region.add", x, y, 1, 1)
        if count % 500 == 0:
            client.call(surface, "wl_surface.set_opaque_region", region)
            client.call(surface, "wl_surface.set_input_region", region)
            client.call(surface, "wl_surface.commit")
            client.sync()


def damages(client, goes_on):
    """Damage that is a chess board."""
    _, surface = client.window()
    buffers = [client.buffer(400, 300, slot=slot) for slot in range(2)]
    turn = 0
    while goes_on():
        turn += 1
        client.call(surface, "wl_surface.attach", buffers[turn % 2], 0, 0)
        for y in range(0, 300, 2):
            for x in range(turn % 2, 400, 2):
                client.call(surface, "wl_surface.damage", x, y, 1, 1)
            if not goes_on():
                return
        client.call(surface, "wl_surface.commit")
        client.sync()


def mime_types(client, goes_on):
    """A clipboard source that offers everything."""
    manager = client.bind("wl_data_device_manager")
    source = client.call(manager, "wl_data_device_manager.create_data_source", Client.id)
    count = 0
    while goes_on():
        count += 1
        client.call(source, "wl_data_source.offer", f"text/{count}" + "x" * 200)


def drags(client, goes_on):
    """Drags of nothing, with serials of nobody."""
    compositor, surface = client.window()
    client.show(surface, client.buffer(64, 64))
    manager, seat = client.bind("wl_data_device_manager"), client.bind("wl_seat")
    device = client.call(manager, "wl_data_device_manager.get_data_device", Client.id, seat)
    while goes_on():
        for serial in range(200):
            client.call(device, "wl_data_device.start_drag", 0, surface, 0, serial)
        client.sync()


# Memory

def sparse(client, goes_on):
    """Pools of a GiB that are holes, with pictures as large as may be."""
    _, surface = client.window()
    shm, size = client.bind("wl_shm"), 1 << 30
    pool = client.call(shm, "wl_shm.create_pool", Client.id, {"fd": "memory", "size": size, "slot": 0}, size)
    pictures = [client.call(pool, "wl_shm_pool.create_buffer", Client.id, 0, width, height, width * 4, 0)
                for width, height in ((7680, 4320), (16384, 2048), (1, 16384), (16384, 1), (2048, 16384))]
    turn = 0
    while goes_on():
        client.show(surface, pictures[turn % len(pictures)])
        client.sync()
        turn += 1
        rest(0.03)


def enormous(client, goes_on):
    """Pools and pictures that are larger than any display."""
    shm = client.bind("wl_shm")
    pool = client.call(shm, "wl_shm.create_pool", Client.id, {"fd": "memory", "size": HUGE, "slot": 0}, HUGE)
    for width, height in ((400000000, 1), (1, 400000000), (8192, 8192)):
        client.call(pool, "wl_shm_pool.create_buffer", Client.id, 0, width, height, width * 4, 0)
    client.sync()
    while goes_on():
        rest(0.05)


def truncated(client, goes_on):
    """Files that are cut off while their pictures are read."""
    _, surface = client.window()
    size = 480 * 320 * 4
    pictures = [client.buffer(480, 320, slot=slot) for slot in range(3)]
    turn = 0
    while goes_on():
        slot = turn % 3
        os.ftruncate(client.player.slots[slot], size)
        client.show(surface, pictures[slot])
        client.player.wire.flush()
        os.ftruncate(client.player.slots[slot], (0, 4096, size // 2)[turn // 3 % 3])
        client.player.wire.read()
        turn += 1
        rest(0.004)


def keymaps(client, goes_on):
    """Keymaps that end nowhere, are not there, or are something else. For who may have a keyboard."""
    manager, seat = client.bind("zwp_virtual_keyboard_manager_v1"), client.bind("wl_seat")
    if manager is None:
        rest(0.2)
        return
    kinds = [("keymap-open", 4096, 4096), ("keymap", 400, 1 << 20), ("memory", 0, 4096), ("keymap-deep", 65536, 65536),
             ("keymap-junk", 4096, 4096), ("pipe-read", 0, 100), ("memory", 0x7fffffff, 0xffffffff)]
    for kind, size, said in kinds:
        if not goes_on():
            return
        keyboard = client.call(manager, "zwp_virtual_keyboard_manager_v1.create_virtual_keyboard", seat, Client.id)
        client.call(keyboard, "zwp_virtual_keyboard_v1.keymap", 1, {"fd": kind, "size": size}, said)
        try:
            client.sync()
        except wire.Gone:
            client.close()
            client.__init__(client.player.interfaces, client.path)
            manager, seat = client.bind("zwp_virtual_keyboard_manager_v1"), client.bind("wl_seat")


# Much to draw

def overdraw(client, goes_on):
    """Hundreds of see-through pictures on top of each other, all of which change."""
    compositor, surface = client.window()
    factory = client.bind("wl_subcompositor")
    picture = client.buffer(480, 320)
    client.show(surface, picture)
    children = []
    for _ in range(300):
        child = client.surface(compositor)
        sub = client.call(factory, "wl_subcompositor.get_subsurface", Client.id, child, surface)
        client.call(sub, "wl_subsurface.set_desync")
        client.show(child, picture)
        children.append(child)
    client.call(surface, "wl_surface.commit")
    while goes_on():
        for child in children:
            client.show(child, picture)
        client.show(surface, picture)
        client.sync()


def nested(client, goes_on):
    """Subsurfaces in subsurfaces, hundreds deep, synchronized: what is committed waits for the whole tree."""
    compositor, surface = client.window()
    factory = client.bind("wl_subcompositor")
    picture = client.buffer(16, 16)
    client.show(surface, picture)
    chain = [surface]
    for _ in range(500):
        child = client.surface(compositor)
        client.call(factory, "wl_subcompositor.get_subsurface", Client.id, child, chain[-1])
        client.show(child, picture)
        chain.append(child)
    while goes_on():
        for part in reversed(chain):
            client.show(part, picture)
        client.sync()


def waiting(client, goes_on):
    """Commits of a subsurface whose parent never commits."""
    compositor = client.bind("wl_compositor")
    parent, child = client.surface(compositor), client.surface(compositor)
    factory = client.bind("wl_subcompositor")
    client.call(factory, "wl_subcompositor.get_subsurface", Client.id, child, parent)
    picture = client.buffer(16, 16)
    while goes_on():
        for _ in range(500):
            client.show(child, picture)
        client.sync()


def resizing(client, goes_on):
    """Another size with each commit, and another window geometry."""
    compositor, surface = client.window()
    shapes = [client.buffer(width, height, slot=slot)
              for slot, (width, height) in enumerate(((1, 1), (2000, 1), (1, 2000), (480, 320), (1500, 1500)))]
    viewport = client.call(client.bind("wp_viewporter"), "wp_viewporter.get_viewport", Client.id, surface)
    turn = 0
    while goes_on():
        turn += 1
        if turn % 3 == 0:
            client.call(viewport, "wp_viewport.set_destination", (1, 480, HUGE)[turn % 9 // 3], (320, 1, HUGE)[turn % 9 // 3])
        client.show(surface, shapes[turn % len(shapes)])
        client.sync()


# What wlroots answers with an assert, or worse, is kept from it (compositor/gate.c): each of these ended others' servers.

def popup_of_itself(client, goes_on):
    """A popup that is its own parent."""
    surface, xdg, where = own_popup(client)
    client.call(xdg, "xdg_surface.get_popup", Client.id, xdg, where)
    client.call(surface, "wl_surface.commit")
    client.sync()


def popup_moved_early(client, goes_on):
    """A popup that is moved before its first commit."""
    _, xdg, where = own_popup(client)
    popup = client.call(xdg, "xdg_surface.get_popup", Client.id, 0, where)
    client.call(popup, "xdg_popup.reposition", where, 7)
    client.sync()


def popup_grabs_twice(client, goes_on):
    """A popup that grabs a seat twice, and then goes."""
    surface, xdg, where = own_popup(client)
    popup = client.call(xdg, "xdg_surface.get_popup", Client.id, client.parent_xdg, where)
    seat = client.bind("wl_seat")
    for _ in range(2):
        client.call(popup, "xdg_popup.grab", seat, {"serial": "input"})
    client.call(popup, "xdg_popup.destroy")
    client.sync()


def own_popup(client):
    """(wl_surface, xdg_surface, xdg_positioner) of what is to be a popup; its parent is client.parent_xdg."""
    compositor, shell = client.bind("wl_compositor"), client.bind("xdg_wm_base")
    where = client.call(shell, "xdg_wm_base.create_positioner", Client.id)
    client.call(where, "xdg_positioner.set_size", 10, 10)
    client.call(where, "xdg_positioner.set_anchor_rect", 0, 0, 1, 1)
    parent = client.surface(compositor)
    client.parent_xdg = client.call(shell, "xdg_wm_base.get_xdg_surface", Client.id, parent)
    client.call(client.parent_xdg, "xdg_surface.get_toplevel", Client.id)
    client.call(parent, "wl_surface.commit")
    surface = client.surface(compositor)
    return surface, client.call(shell, "xdg_wm_base.get_xdg_surface", Client.id, surface), where


ATTACKS = {
    "deaf": deaf, "half": half, "drip": drip, "tokens": tokens, "connections": connections, "descriptors": descriptors,
    "regions": regions, "damages": damages, "mime-types": mime_types, "drags": drags, "sparse": sparse,
    "last-closes": last_closes, "truncated": truncated, "keymaps": keymaps, "enormous": enormous, "overdraw": overdraw,
    "nested": nested, "waiting": waiting, "resizing": resizing, "popup-of-itself": popup_of_itself, "popup-moved-early": popup_moved_early,
    "popup-grabs-twice": popup_grabs_twice,
    "surfaces": make_many("wl_compositor.create_surface", lambda client: [client.bind("wl_compositor"), None]),
    "callbacks": make_many("wl_surface.frame", with_surface),
    "feedbacks": make_many("wp_presentation.feedback", with_feedback),
    "pools": make_many("wl_shm.create_pool", with_pool),
    "syncs": make_many("wl_display.sync", lambda client: [wire.DISPLAY, None]),
    "seats": make_many("wl_seat.get_touch", lambda client: [client.bind("wl_seat"), None]),
}


def run(interfaces, path, name, goes_on):
    """Goes on with one attack. Returns how many connections it took."""
    count = 0
    while goes_on():
        count += 1
        client = None
        try:
            client = Client(interfaces, path)
            client.path = path
            ATTACKS[name](client, goes_on)
        except (wire.Gone, OSError):
            rest(0.01)
        finally:
            if client is not None:
                client.close()
    return count
