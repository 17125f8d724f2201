"""What a fuzzing client does: moves that make sense, any request with arguments of the right type, and broken bytes."""
import struct

import wire
from model import Model, New

ARGB, XRGB = 0, 1
# What one object may have of, so that a client that behaves keeps from a second one.
EXTENSIONS = [
    ("wp_viewporter", "get_viewport", "viewport"),
    ("wp_fractional_scale_manager_v1", "get_fractional_scale", "fraction"),
    ("wp_alpha_modifier_v1", "get_surface", "alpha"),
    ("wp_content_type_manager_v1", "get_surface_content_type", "content-type"),
]


# Pixels

def pool(model):
    shm = model.one("wl_shm")
    if shm is None:
        return None
    size = model.random.choice([4096, 65536, 1 << 20, 4 << 20])
    slot = model.next_slot = (model.next_slot + 1) % 64
    # Seldom the file is shorter than it is said to be, or all of it is a hole.
    file_size = size if model.chance(0.9) else model.random.choice([0, 4096, size // 2])
    said = size if model.chance(0.95) else 0x7fffffff
    made = model.call(shm, "create_pool", New, {"fd": "memory", "size": file_size, "slot": slot}, said)
    made.facts.update(size=size, slot=slot)
    return made


def buffer(model):
    if model.all("wl_buffer") and model.chance(0.5):
        return model.one("wl_buffer")
    if model.chance(0.1) and model.one("wp_single_pixel_buffer_manager_v1") is not None:
        color = [model.random.choice([0, 0x80000000, 0xffffffff]) for _ in range(4)]
        return model.call(model.one("wp_single_pixel_buffer_manager_v1"), "create_u32_rgba_buffer", New, *color)
    source = model.one("wl_shm_pool") if model.chance(0.6) else None
    source = source if source is not None else pool(model)
    if source is None:
        return None
    size = source.facts.get("size", 4096)
    width = model.random.choice([1, 2, 7, 16, 64, 100, 320, 480, 1000])
    stride = width * 4 + model.random.choice([0, 0, 0, 4, 64])
    rows = size // stride
    if rows == 0:
        width, stride, rows = 1, 4, size // 4
    height = min(rows, model.random.choice([1, 3, 16, 64, 200, 320, 2000]))
    offset = model.random.choice([0, 0, 0, 4, 3, (size - stride * height) // 4 * 4])
    offset = max(0, min(offset, size - stride * height))
    made = model.call(source, "create_buffer", New, offset, width, height, stride, model.random.choice([ARGB, XRGB]))
    made.facts.update(width=width, height=height)
    if model.chance(0.1):
        model.call(source, "destroy")
    return made


def resize_pool(model):
    source = model.one("wl_shm_pool")
    if source is None:
        return
    if model.chance(0.5):
        larger = source.facts.get("size", 4096) * 2
        if larger < 64 << 20:
            model.add("size", source.facts.get("slot", 0), larger)
            model.call(source, "resize", larger)
            source.facts["size"] = larger
    else:
        # Behind its back.
        model.add("size", source.facts.get("slot", 0), model.random.choice([0, 1, 4096, 5000]))


# Surfaces

def surface(model):
    compositor = model.one("wl_compositor")
    return model.call(compositor, "create_surface", New) if compositor is not None else None


def damage(model, target):
    for _ in range(model.random.choice([0, 1, 1, 2, 40])):
        request = "damage_buffer" if target.version >= 4 and model.chance(0.7) else "damage"
        box = [model.random.randint(-10, 300) for _ in range(4)] if model.chance(0.7) else [model.number() for _ in range(4)]
        model.call(target, request, *box)


def extras(model, target):
    if model.chance(0.4):
        model.call(target, "frame", New)
    if model.chance(0.3) and model.one("wp_presentation") is not None:
        model.call(model.one("wp_presentation"), "feedback", target, New)
    if model.chance(0.05) and target.version >= 3:
        model.call(target, "set_buffer_scale", model.random.choice([1, 1, 2, 3, 0x7fffffff]))
    if model.chance(0.1) and target.version >= 2:
        model.call(target, "set_buffer_transform", model.random.randrange(8))
    if model.chance(0.05) and target.version >= 5:
        model.call(target, "offset", model.number(), model.number())
    if model.chance(0.1):
        request = model.random.choice(["set_opaque_region", "set_input_region"])
        area = model.one("wl_region")
        model.call(target, request, area if area is not None else 0)


def commit(model, target):
    model.call(target, "commit")


def draw(model, target=None):
    target = target if target is not None else model.one("wl_surface", fact="ready")
    pixels = buffer(model)
    if target is None or pixels is None:
        return
    dx = dy = 0
    if target.version < 5 and model.chance(0.1):
        dx, dy = model.number(), model.number()
    model.call(target, "attach", pixels, dx, dy)
    damage(model, target)
    extras(model, target)
    commit(model, target)


def unmap(model):
    target = model.one("wl_surface", fact="ready")
    if target is not None:
        model.call(target, "attach", 0, 0, 0)
        commit(model, target)
        # It has to be configured anew before it may show again.
        if "xdg" in target.facts and model.chance(0.9):
            commit(model, target)
            acknowledge(model, target.facts["xdg"])


def region(model):
    compositor = model.one("wl_compositor")
    if compositor is None:
        return
    area = model.one("wl_region") if model.chance(0.5) else None
    area = area if area is not None else model.call(compositor, "create_region", New)
    for _ in range(model.random.choice([1, 3, 50])):
        model.call(area, model.random.choice(["add", "add", "subtract"]), *[model.number() for _ in range(4)])
    if model.chance(0.3):
        model.call(area, "destroy")


def subsurface(model):
    factory, parent = model.one("wl_subcompositor"), model.one("wl_surface")
    child = surface(model)
    if factory is None or parent is None or child is None:
        return
    if model.chance(0.2):
        draw(model, child)
    made = model.call(factory, "get_subsurface", New, child, parent)
    child.facts.update(role="sub", ready=True, sub=made)
    made.facts.update(surface=child, parent=parent)
    if model.chance(0.5):
        model.call(made, "set_position", model.number(), model.number())
    model.call(made, model.random.choice(["set_sync", "set_desync"]))
    for _ in range(model.random.choice([0, 1, 3])):
        draw(model, child)
    if model.chance(0.8) and "ready" in parent.facts:
        commit(model, parent)


def restack(model):
    sub = model.one("wl_subsurface")
    if sub is None:
        return
    siblings = [other.facts["surface"] for other in model.all("wl_subsurface", fact="surface")
                if other.facts["parent"] is sub.facts.get("parent") and other.facts["surface"].alive]
    siblings += [sub.facts["parent"]] if "parent" in sub.facts and sub.facts["parent"].alive else []
    if siblings:
        model.call(sub, model.random.choice(["place_above", "place_below"]), model.random.choice(siblings))
    model.call(sub, model.random.choice(["set_sync", "set_desync"]))


def end_surface(model):
    """A surface and all that it has, from the inside out; seldom the other way round."""
    target = model.one("wl_surface")
    if target is None:
        return
    parts = [thing for thing in target.facts.get("parts", []) if thing.alive]
    if model.chance(0.05):
        parts.reverse()
    for part in reversed(parts):
        model.call(part, "destroy")
    if "sub" in target.facts and target.facts["sub"].alive and model.chance(0.8):
        model.call(target.facts["sub"], "destroy")
    model.call(target, "destroy")


def extend(model):
    name, request, fact = model.random.choice(EXTENSIONS)
    manager, target = model.one(name), model.one("wl_surface", without=fact)
    if manager is None or target is None:
        return
    made = model.call(manager, request, New, target)
    target.facts[fact] = made
    made.facts["surface"] = target
    tune(model, made)


def tune(model, thing=None):
    """Values of viewports and their like."""
    thing = thing or model.one(model.random.choice(["wp_viewport", "wp_alpha_modifier_surface_v1", "wp_content_type_v1"]))
    if thing is None:
        return
    if thing.interface == "wp_viewport":
        sizes = [1, 16, 100, 320, 4000, 0x7fffffff]
        if model.chance(0.7):
            model.call(thing, "set_destination", *(model.random.choice([[-1, -1], [model.random.choice(sizes), model.random.choice(sizes)]])))
        if model.chance(0.5):
            box = [0, 0, 256 * model.random.choice([1, 3, 16]), 256 * model.random.choice([1, 3, 16])]
            if model.chance(0.3):
                box = model.random.choice([[128, 1, 257, 300], [0, 0, 1, 1], [0, 0, 128, 255], [1, 1, 256, 0x7fffffff]])
            model.call(thing, "set_source", *(model.random.choice([[-256] * 4, box])))
    elif thing.interface == "wp_alpha_modifier_surface_v1":
        model.call(thing, "set_multiplier", model.random.choice([0, 1, 0x80000000, 0xffffffff]))
    elif thing.interface == "wp_content_type_v1":
        model.call(thing, "set_content_type", model.random.randrange(4))


# Windows

def acknowledge(model, xdg):
    model.sync()
    model.call(xdg, "ack_configure", {"serial": "configure", "of": xdg.id})


def window(model):
    shell, target = model.one("xdg_wm_base"), surface(model)
    if shell is None or target is None:
        return
    xdg = model.call(shell, "get_xdg_surface", New, target)
    top = model.call(xdg, "get_toplevel", New)
    target.facts.update(role="xdg", xdg=xdg, parts=[xdg, top])
    xdg.facts.update(surface=target, role="toplevel")
    top.facts.update(surface=target)
    model.call(top, "set_app_id", model.random.choice(["a", "trusted", "witness", "main", "x" * 3000]))
    model.call(top, "set_title", model.random.choice(["one", "\u00e9\u6f22", "t" * 1000]))
    if model.chance(0.3):
        decorate(model, top)
    parent = model.one("xdg_toplevel")
    if parent is not None and model.chance(0.4):
        model.call(top, "set_parent", parent)
    if model.chance(0.2):
        state(model, top)
    commit(model, target)
    acknowledge(model, xdg)
    target.facts["ready"] = True
    if model.chance(0.9):
        draw(model, target)


def decorate(model, top=None):
    manager = model.one("zxdg_decoration_manager_v1")
    top = top or model.one("xdg_toplevel", without="decoration")
    if manager is None or top is None:
        return
    made = model.call(manager, "get_toplevel_decoration", New, top)
    top.facts["decoration"] = made
    if "surface" in top.facts:
        top.facts["surface"].facts["parts"].append(made)
    model.call(made, "set_mode", model.random.choice([1, 2, 0, 7]))


def state(model, top=None):
    top = top or model.one("xdg_toplevel")
    if top is None:
        return
    request = model.random.choice(["set_maximized", "unset_maximized", "unset_fullscreen", "set_minimized", "set_fullscreen",
                                   "set_min_size", "set_max_size", "set_parent"])
    if request in ("set_min_size", "set_max_size"):
        model.call(top, request, model.random.choice([0, 1, 100, 0x7fffffff]), model.random.choice([0, 1, 100, 0x7fffffff]))
    elif request == "set_fullscreen":
        output = model.one("wl_output")
        model.call(top, request, output if output is not None else 0)
    elif request == "set_parent":
        parent = model.one("xdg_toplevel")
        model.call(top, request, parent if parent is not top and model.chance(0.8) else 0)
    else:
        model.call(top, request)


def geometry(model):
    xdg = model.one("xdg_surface", fact="role")
    if xdg is not None:
        sizes = [1, 5, 100, 480, 0x7fffffff]
        at = [0, 5, -20, 100, 0x7fffffff, -0x80000000]
        model.call(xdg, "set_window_geometry", model.random.choice(at), model.random.choice(at),
                   model.random.choice(sizes), model.random.choice(sizes))


def popup(model):
    shell, parent, target = model.one("xdg_wm_base"), model.one("xdg_surface", fact="role"), surface(model)
    if shell is None or parent is None or target is None:
        return
    where = positioner(model, shell)
    xdg = model.call(shell, "get_xdg_surface", New, target)
    made = model.call(xdg, "get_popup", New, parent, where)
    target.facts.update(role="xdg", xdg=xdg, parts=[xdg, made])
    xdg.facts.update(surface=target, role="popup")
    made.facts.update(surface=target)
    seat = model.one("wl_seat")
    if seat is not None and model.chance(0.5):
        for _ in range(model.random.choice([1, 1, 2])):
            model.call(made, "grab", seat, {"serial": "input"})
    if made.version >= 3 and model.chance(0.15):
        model.call(made, "reposition", where, model.number() & 0xffff)
    commit(model, target)
    acknowledge(model, xdg)
    target.facts["ready"] = True
    draw(model, target)
    if made.version >= 3 and model.chance(0.3):
        model.call(made, "reposition", where, model.number() & 0xffff)
    if model.chance(0.5):
        model.call(where, "destroy")
    if model.chance(0.1):
        entangle(model, xdg, made)


def entangle(model, xdg, made):
    """A role object goes and comes back with another parent: maybe itself, maybe its own child."""
    shell, other = model.one("xdg_wm_base"), model.one("xdg_surface", fact="role")
    model.call(made, "destroy")
    if shell is None or other is None:
        return
    again = model.call(xdg, "get_popup", New, model.random.choice([xdg, other]), positioner(model, shell))
    xdg.facts["surface"].facts["parts"].append(again)
    commit(model, xdg.facts["surface"])


def positioner(model, shell):
    made = model.call(shell, "create_positioner", New)
    if model.chance(0.95):
        model.call(made, "set_size", model.random.choice([1, 50, 300, 0x7fffffff]), model.random.choice([1, 50, 300, 0x7fffffff]))
    if model.chance(0.95):
        model.call(made, "set_anchor_rect", model.number(), model.number(), model.random.choice([0, 1, 50, 0x7fffffff]),
                   model.random.choice([0, 1, 50, 0x7fffffff]))
    for request in ("set_anchor", "set_gravity"):
        if model.chance(0.6):
            model.call(made, request, model.random.randrange(9))
    if model.chance(0.5):
        model.call(made, "set_constraint_adjustment", model.random.randrange(64))
    if model.chance(0.3):
        model.call(made, "set_offset", model.number(), model.number())
    if made.version >= 3 and model.chance(0.4):
        model.call(made, "set_reactive")
    return made


# Input, clipboard, activation

def devices(model):
    seat = model.one("wl_seat")
    if seat is None:
        return
    model.call(seat, "get_touch", New)
    if model.chance(0.3):
        model.call(seat, model.random.choice(["get_pointer", "get_keyboard"]), New)


def cursor(model):
    pointer = model.one("wl_pointer")
    if pointer is None:
        return
    if model.chance(0.3) and model.one("wp_cursor_shape_manager_v1") is not None:
        device = model.call(model.one("wp_cursor_shape_manager_v1"), "get_pointer", New, pointer)
        model.call(device, "set_shape", {"serial": "input"}, model.random.randint(1, 34))
        return
    target = model.one("wl_surface", fact="cursor")
    target = target if target is not None else surface(model)
    if target is not None:
        target.facts.update(role="cursor", cursor=True, ready=True)
        model.call(pointer, "set_cursor", {"serial": "input"}, target, model.number(), model.number())
        draw(model, target)


def clipboard(model):
    seat = model.one("wl_seat")
    names = [("wl_data_device_manager", "create_data_source", "get_data_device"),
             ("zwp_primary_selection_device_manager_v1", "create_source", "get_device")]
    manager_name, create, get = model.random.choice(names)
    manager = model.one(manager_name)
    if seat is None or manager is None:
        return
    device = model.call(manager, get, New, seat)
    source = model.call(manager, create, New)
    for _ in range(model.random.choice([0, 1, 5, 60])):
        model.call(source, "offer", model.random.choice(["text/plain", "a/b", "x" * 900, str(model.number())]))
    if create == "create_data_source" and source.version >= 3 and model.chance(0.5):
        model.call(source, "set_actions", model.random.randrange(8))
    if create == "create_data_source" and model.chance(0.6):
        drag(model, device, source)
    elif model.chance(0.8):
        model.call(device, "set_selection", source, {"serial": "input"})
    if model.chance(0.3):
        model.call(source, "destroy")
    if model.chance(0.3):
        offer = {"latest": "wl_data_offer"}
        request = model.random.choice(["accept", "receive", "finish", "destroy"])
        values = {"accept": [0, "text/plain"], "receive": ["text/plain", {"fd": "pipe-write"}]}.get(request, [])
        model.add("call", offer, "wl_data_offer", request, values)


def drag(model, device, source):
    origin = model.one("wl_surface", fact="ready")
    icon = surface(model) if model.chance(0.4) else None
    if origin is None:
        return
    model.call(device, "start_drag", source if model.chance(0.6) else 0, origin, icon if icon is not None else 0,
               {"serial": "input"})
    if icon is not None:
        icon.facts.update(role="icon", ready=True)
        draw(model, icon)
        if model.chance(0.3):
            model.call(icon, "destroy")


def token(model):
    manager = model.one("xdg_activation_v1")
    if manager is None:
        return
    made = model.call(manager, "get_activation_token", New)
    seat, target = model.one("wl_seat"), model.one("wl_surface")
    if seat is not None and model.chance(0.7):
        model.call(made, "set_serial", {"serial": "input"}, seat)
    if target is not None and model.chance(0.7):
        model.call(made, "set_surface", target)
    model.call(made, "commit")
    if model.chance(0.5):
        model.sync()
        if target is not None:
            model.call(manager, "activate", {"token": True}, target)
    if model.chance(0.8):
        model.call(made, "destroy")


# For who is allowed to

def capture(model):
    output, shm = model.one("wl_output"), model.one("wl_shm")
    if output is None or shm is None:
        return
    manager = model.one("zwlr_screencopy_manager_v1")
    if manager is not None:
        if model.chance(0.5):
            frame = model.call(manager, "capture_output", New, model.random.randrange(2), output)
        else:
            box = [model.random.choice([0, 1, -5, 100, 0x7fffffff]) for _ in range(2)] + [
                model.random.choice([1, 16, 100, 0x7fffffff, 0, -1]) for _ in range(2)]
            frame = model.call(manager, "capture_output_region", New, model.random.randrange(2), output, *box)
        pixels = target_buffer(model) if model.chance(0.7) else buffer(model)
        request = "copy_with_damage" if frame.version >= 2 and model.chance(0.4) else "copy"
        for _ in range(model.random.choice([1, 1, 1, 2])):
            if pixels is not None:
                model.call(frame, request, pixels)
        if model.chance(0.5):
            model.call(frame, "destroy")


def target_buffer(model):
    """As large as a display of the fuzzer's layout, or as the boxes above."""
    width, height = model.random.choice([(640, 240), (480, 320), (320, 240), (16, 16), (1, 1), (100, 100)])
    size = width * height * 4
    source = model.call(model.one("wl_shm"), "create_pool", New, {"fd": "memory", "size": size, "slot": 63}, size)
    source.facts.update(size=size, slot=63)
    made = model.call(source, "create_buffer", New, 0, width, height, width * 4, XRGB)
    model.call(source, "destroy")
    return made


def copy_session(model):
    sources, manager = model.one("ext_output_image_capture_source_manager_v1"), model.one("ext_image_copy_capture_manager_v1")
    output = model.one("wl_output")
    if sources is None or manager is None or output is None or model.one("wl_shm") is None:
        return
    source = model.call(sources, "create_source", New, output)
    pointer = model.one("wl_pointer")
    if pointer is not None and model.chance(0.3):
        cursor_session = model.call(manager, "create_pointer_cursor_session", New, source, pointer)
        session = model.call(cursor_session, "get_capture_session", New)
    else:
        session = model.call(manager, "create_session", New, source, model.random.randrange(2))
    frame = model.call(session, "create_frame", New)
    pixels = target_buffer(model)
    model.call(frame, "attach_buffer", pixels)
    if model.chance(0.5):
        model.call(frame, "damage_buffer", 0, 0, model.random.choice([1, 100, 0x7fffffff]), 10)
    model.call(frame, "capture")
    if model.chance(0.5):
        model.sync()
    order = [frame, session, source]
    if model.chance(0.3):
        order.reverse()
    for thing in order:
        if model.chance(0.8):
            model.call(thing, "destroy")


def keyboard(model):
    manager, seat = model.one("zwp_virtual_keyboard_manager_v1"), model.one("wl_seat")
    if manager is None or seat is None:
        return
    made = model.one("zwp_virtual_keyboard_v1") if model.chance(0.6) else None
    made = made if made is not None else model.call(manager, "create_virtual_keyboard", seat, New)
    if "keymap" not in made.facts or model.chance(0.3):
        kind = model.random.choice(["keymap"] * 4 + ["keymap-open", "keymap-junk", "keymap-deep", "null", "pipe-read", "memory"])
        size = model.random.choice([0, 1, 100, 4096, 65536])
        said = size if model.chance(0.6) else model.random.choice([0, 1, 1 << 20, 0xffffffff])
        model.call(made, "keymap", model.random.choice([1, 1, 1, 0, 5]), {"fd": kind, "size": size},
                   max(said, 400) if kind == "keymap" else said)
        made.facts["keymap"] = True
    for _ in range(model.random.choice([1, 4, 40])):
        model.call(made, "key", model.number() & 0xffff, model.random.choice([30, 31, 1, 0, 767, 0xffffffff]), model.random.choice([0, 1, 1, 2]))
    if model.chance(0.3):
        model.call(made, "modifiers", *[model.number() & 0xffffffff for _ in range(4)])
    if model.chance(0.2):
        model.call(made, "destroy")


def pointing(model):
    manager, seat = model.one("zwlr_virtual_pointer_manager_v1"), model.one("wl_seat")
    if manager is None or seat is None:
        return
    made = model.one("zwlr_virtual_pointer_v1") if model.chance(0.7) else None
    made = made if made is not None else model.call(manager, "create_virtual_pointer", seat, New)
    for _ in range(model.random.choice([1, 5, 20])):
        time = model.number() & 0xffff
        way = model.random.randrange(6)
        if way == 0:
            model.call(made, "motion", time, model.number(), model.number())
        elif way == 1:
            model.call(made, "motion_absolute", time, model.random.randrange(1000), model.random.randrange(1000), 1000, 1000)
        elif way == 2:
            model.call(made, "button", time, 0x110 + model.random.randrange(3), model.random.randrange(2))
        elif way == 3:
            model.call(made, "axis_source", model.random.randrange(4))
            model.call(made, "axis", time, model.random.randrange(2), model.number())
        elif way == 4 and made.version >= 1:
            model.call(made, "axis_discrete", time, model.random.randrange(2), model.number(), model.number())
        else:
            model.call(made, "frame")
    if model.chance(0.2):
        model.call(made, "destroy")


def sandbox(model):
    manager = model.one("wp_security_context_manager_v1")
    if manager is None:
        return
    listen = model.random.choice(["listen"] * 4 + ["socket", "memory", "pipe-read"])
    close = model.random.choice(["pipe-read"] * 3 + ["socket", "memory", "null", "pipe-write", "event"])
    made = model.call(manager, "create_listener", New, {"fd": listen}, {"fd": close})
    if model.chance(0.7):
        model.call(made, "set_sandbox_engine", "fuzz")
        model.call(made, "set_app_id", model.random.choice(["a", "trusted", "witness"]))
    if model.chance(0.8):
        model.call(made, "commit")
    model.call(made, "destroy")


def placement(model):
    cockpit, target = model.one("binnacle_cockpit_v1"), model.one("wl_surface", fact="ready")
    if cockpit is None:
        return
    if model.chance(0.5):
        model.call(cockpit, "subscribe", model.random.choice(["Vehicle.Speed", "Vehicle.*", "", "x" * 500]))
    if target is not None and "placement" not in target.facts:
        made = model.call(cockpit, "get_placement", New, target)
        target.facts["placement"] = made
        for _ in range(model.random.choice([0, 1, 3])):
            model.call(made, "set_zone", model.random.choice(["main", "side", "gauges", "trusted", "", "nowhere"]))


# Anything

FATAL = {("wl_display", "sync"), ("wl_display", "get_registry"), ("wl_registry", "bind")}


def anything(model):
    """Any request of any object, with arguments of the right types."""
    kinds = [name for name, things in model.things.items() if things and model.interfaces[name].requests]
    if not kinds:
        return
    thing = model.one(model.random.choice(kinds))
    message = model.random.choice([m for m in model.interfaces[thing.interface].requests
                                   if m.since <= thing.version or model.chance(model.wild)] or [None])
    if message is None or (thing.interface, message.name) in FATAL:
        return
    if message.destructor and model.chance(0.8):
        return
    values = [model.any_value(arg) for arg in message.args]
    if any(value is None for value in values):
        return
    made = model.call(thing, message.name, *values)
    if made is not None and made.interface == "wl_shm_pool":
        made.facts.update(size=4096, slot=0)


def calm_down(model):
    model.sync()


def broken(model):
    """Bytes that no library would send."""
    ids = [thing.id for things in model.things.values() for thing in things] or [1]
    target, opcode = model.random.choice(ids + [1, 2, 0, 0xffffffff] + model.dead[-5:]), model.random.choice([0, 1, 2, 3, 12, 255, 65535])
    body = bytes(model.random.randrange(256) for _ in range(model.random.choice([0, 4, 8, 12, 20, 64])))
    size = model.random.choice([len(body) + 8] * 3 + [0, 4, 7, 8, 9, 12, 4096, 65535])
    fds = [model.descriptor() for _ in range(model.random.choice([0, 0, 0, 1, 5, 30]))]
    way = model.random.randrange(4)
    if way == 0:  # half a message, and later the rest of it
        data = wire.header(target, opcode, len(body) + 8) + body
        cut = model.random.randrange(1, len(data))
        model.add("raw", data[:cut].hex(), [])
        model.add("deaf", 0.02)
        model.add("raw", data[cut:].hex(), fds)
        return
    if way == 1:  # a string that says to be longer than its message
        body = struct.pack("=I", model.random.choice([0, 1, 5, 4000, 0x7fffffff, 0xffffffff])) + body
        size = len(body) + 8
    model.add("raw", (wire.header(target, opcode, size) + body).hex(), fds)


def bind_more(model):
    if model.offered:
        interface, index, version = model.random.choice(model.offered)
        model.bind(interface, index, model.random.randint(1, version))


SENSIBLE = [
    (10, draw), (8, window), (6, popup), (5, subsurface), (3, restack), (4, extend), (4, tune), (3, geometry), (3, state),
    (3, unmap), (4, end_surface), (3, region), (3, resize_pool), (2, devices), (2, cursor), (4, clipboard), (3, token),
    (2, capture), (2, copy_session), (2, keyboard), (3, pointing), (1, sandbox), (2, placement), (1, decorate), (1, bind_more),
    (1, calm_down),
]


class Temper:
    """How a client of one episode is: the share of moves that make sense, and of broken bytes."""

    def __init__(self, random):
        self.sensible = random.choice([1.0, 0.99, 0.95, 0.8, 0.3])
        self.broken = random.choice([0, 0, 0.001, 0.01])
        self.wild = random.choice([0, 0, 0.01, 0.1])
        self.length = random.choice([50, 200, 800, 2000])


def episode(interfaces, offered, seed):
    """All steps of one connection."""
    model = Model(interfaces, offered, seed, 0)
    temper = Temper(model.random)
    model.wild = temper.wild
    for interface, index, version in offered:
        if model.chance(0.95):
            model.bind(interface, index, version if model.chance(0.8) else model.random.randint(1, version))
    moves = [move for _, move in SENSIBLE]
    weights = [weight for weight, _ in SENSIBLE]
    devices(model)
    while len(model.steps) < temper.length:
        if model.chance(temper.broken):
            broken(model)
        elif model.chance(temper.sensible):
            model.random.choices(moves, weights)[0](model)
        else:
            anything(model)
    return model.steps
