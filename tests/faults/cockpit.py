"""The cockpit that faults are brought upon: three displays, one for safety, as a layout to be changed by each row.

A layout is YAML, and JSON is that too: rows change plain dicts.
"""

# What is seen, each in a colour of its own.
TELLTALES, CLUSTER, NAV, CAMERA, GUEST, VISITOR, CINEMA = 0xe02020, 0x2040a0, 0x207040, 0xc0b020, 0xa020c0, 0x20a0a0, 0x805020
NO_TELLTALES, NO_CLUSTER, NO_NAV, NO_VISITOR, NO_CINEMA = 0x200000, 0x101418, 0x301020, 0x203010, 0x101030
# Fillers of failed zones.
BAD_CLUSTER, BAD_NAV, BAD_CAMERA = 0xd05000, 0xb00020, 0x804000

SPEED, GEAR = "Vehicle.Speed", "Vehicle.Powertrain.Transmission.CurrentGear"
STATES = {"parked": {GEAR: 126, SPEED: 0}, "driving": {GEAR: 1, SPEED: 50}, "reversing": {GEAR: -1, SPEED: 0}}

SIZES = {"cluster": (480, 180), "center": (480, 270), "passenger": (320, 180)}
ONE_SIZE = (1280, 720)  # a cage makes its only window as large as its output
HEADS = {"cluster": ("Virtual-1", (1024, 768)), "center": ("Virtual-2", (1024, 768)), "passenger": ("Virtual-3", (1024, 768))}


def text(colour):
    return f"#{colour:06x}"


def exec_probe(tools, name, colour, *arguments):
    return [str(tools.probe), "--app-id", name, "--color", f"{colour:06x}", *map(str, arguments)]


def starting(layout):
    """Our own apps that are there by themselves after the start, whatever else the layout starts."""
    apps = {name: layout["apps"].get(name, {}) for name in ("telltales", "cluster", "nav", "camera")}
    return [name for name, app in apps.items() if app.get("start") == "boot" and "exec" in app]


def displays(backend):
    if backend == "drm":
        return {name: {"match": {"connector": connector}, "mode": f"{width}x{height}@60", "size-mm": [300, 150]}
                for name, (connector, (width, height)) in HEADS.items()}
    return {name: {"mode": f"{width}x{height}@60", "size-mm": [300, 150]} for name, (width, height) in SIZES.items()}


def three_displays(tools, backend="headless"):
    layout = {
        "binnacle": 1,
        "name": "Faults",
        "displays": displays(backend),
        "occupants": {"driver": {"displays": ["cluster", "center"]}, "passenger": {"displays": ["passenger"]}},
        "signals": {SPEED: {}, GEAR: {}},
        "states": {"reversing": {GEAR: -1}, "moving": {SPEED: {"over": 5, "until-under": 3}}},
        "zones": {
            "telltales": {"display": "cluster", "rect": [0, 0, "100%", "20%"], "layer": "telltale", "grant": ["telltales"],
                          "empty": text(NO_TELLTALES)},
            "gauges": {"display": "cluster", "rect": [0, "20%", "100%", "80%"], "grant": ["cluster"], "heartbeat": "1s",
                       "empty": text(NO_CLUSTER), "on-fault": text(BAD_CLUSTER)},
            "main": {"display": "center", "rect": [0, 0, "60%", "100%"], "grant": ["nav", "guest", "*"], "empty": text(NO_NAV),
                     "on-fault": text(BAD_NAV)},
            "side": {"display": "center", "rect": ["60%", 0, "40%", "100%"], "grant": ["visitor"], "empty": text(NO_VISITOR)},
            "camera": {"display": "center", "rect": "main", "layer": "safety", "grant": ["camera"], "visible": False,
                       "empty": text(BAD_CAMERA), "on-fault": text(BAD_CAMERA)},
            "movie": {"display": "passenger", "rect": "full", "grant": ["cinema"], "driver-visible": False,
                      "empty": text(NO_CINEMA)},
        },
        "rules": {
            "rear-view": {"when": "reversing", "show": {"camera": "camera"}, "within": "2000ms"},
            "driving": {"when": "moving", "restrict": {"main": ["video", "keyboard"]}},
        },
        "apps": {
            "telltales": {"exec": exec_probe(tools, "telltales", TELLTALES), "start": "boot", "home": "telltales"},
            "cluster": {"exec": exec_probe(tools, "cluster", CLUSTER), "start": "boot", "home": "gauges"},
            "nav": {"exec": exec_probe(tools, "nav", NAV, "--print-events"), "start": "boot", "home": "main"},
            "camera": {"exec": exec_probe(tools, "camera", CAMERA, "--print-events"), "start": "boot", "home": "camera"},
            "guest": {"home": "main"},
            "visitor": {"home": "side"},
            "cinema": {"home": "movie"},
        },
    }
    layout["displays"]["cluster"]["criticality"] = "safety"
    return layout


def one_display(tools):
    """All of it on one display, for a desktop that has one window."""
    layout = three_displays(tools)
    layout["displays"] = {"cluster": {"mode": f"{ONE_SIZE[0]}x{ONE_SIZE[1]}@60", "size-mm": [300, 150],
                                      "criticality": "safety"}}
    layout["occupants"] = {"driver": {"displays": ["cluster"]}}
    places = {"telltales": [0, 0, "100%", "20%"], "gauges": [0, "20%", "50%", "80%"], "main": ["50%", "20%", "30%", "80%"],
              "side": ["80%", "20%", "20%", "40%"], "movie": ["80%", "60%", "20%", "40%"]}
    for zone in layout["zones"].values():
        zone["display"] = "cluster"
    for name, place in places.items():
        layout["zones"][name]["rect"] = place
    return layout
