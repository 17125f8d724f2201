#!/usr/bin/env python3
"""Who may include whom, what core may call, and that nothing is global.

usage: layers_test.py COMPOSITOR-FOLDER SANITIZED(yes|no) CORE.a OTHER.a...
Prints TAP. A file includes its own rank or lower. Headers never include in a
circle, and neither do nouns: the files of one noun may know each other's insides.
"""
import pathlib
import re
import subprocess
import sys

# Lowest first. A name is a folder, or a file (with what belongs to it, NAME_*.c) of the top folder.
RANKS = [
    ["core"],
    ["accept", "closer", "guardwire", "loop", "memory", "realtime"],
    ["guardlink", "guard"],
    ["render"],
    ["client", "gate", "launch", "listen"],
    ["shell"],
    ["scene"],
    ["input"],
    ["output", "compose", "feedback", "frame", "pace", "plan", "privacy", "scanout"],
    ["cockpit", "safety"],
    ["server", "main", "globals", "backend", "displays", "ipc", "watch"],
]
RANK_OF = {name: rank for rank, names in enumerate(RANKS) for name in names}

# A folder is one noun; at the top these files are.
NOUNS = [
    {"output", "compose", "feedback", "frame", "pace", "plan", "privacy", "scanout"},
    {"server", "main", "globals", "backend", "displays"},
]

# Pure: not Wayland, not wlroots, not GL, no device, no output of its own.
FOREIGN = re.compile(
    r"^(wl_|wlr_|gl[A-Z]|egl[A-Z]|drm[A-Z]|gbm_|xkb_|libinput_|udev_"
    r"|f?printf$|v?f?printf$|puts$|putchar$|fputs$|perror$|syslog$|stderr$|stdout$"
    r"|__f?printf_chk$|__v?f?printf_chk$)"
)
CLOCK = re.compile(r"^(clock_gettime|gettimeofday|time|clock)$")

# Writable on purpose: object file and symbol, with the reason.
WRITABLE = {}


def name_of(path):
    """The entry of RANKS that a file belongs to: its folder, or its name up to an underscore."""
    if len(path.parts) > 1:
        return path.parts[0]
    stem = path.stem
    while stem not in RANK_OF and "_" in stem:
        stem = stem.rpartition("_")[0]
    return stem


def includes(root, path):
    """Files of ours that a file includes, and includes that climb."""
    text = (root / path).read_text()
    found, climbing = [], []
    for line in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
        if ".." in line.split("/"):
            climbing.append(line)
        elif (root / line).is_file():
            found.append(pathlib.Path(line))
    return found, climbing


def check_order(root, files):
    faults = []
    for path in files:
        name = name_of(path)
        if name not in RANK_OF:
            faults.append(f"{path}: no rank is known for it, add it to RANKS")
            continue
        found, climbing = includes(root, path)
        faults += [f"{path}: includes {line}; write it from compositor/" for line in climbing]
        for other in found:
            if RANK_OF.get(name_of(other), 0) > RANK_OF[name]:
                faults.append(f"{path} ({name}) includes {other} ({name_of(other)}), which is above it")
    return faults


def noun_of(module):
    name = name_of(pathlib.Path(module))
    return next((sorted(noun)[0] for noun in NOUNS if name in noun), name)


def modules(root, files):
    """A module is a header with its source: what either includes."""
    graph = {}
    for path in files:
        module = str(path.with_suffix(""))
        targets = {str(other.with_suffix("")) for other in includes(root, path)[0]}
        graph.setdefault(module, set()).update(targets - {module})
    return graph


def headers(root, files):
    return {
        str(path): {str(other) for other in includes(root, path)[0]}
        for path in files
        if path.suffix == ".h"
    }


def check_circles(graph, allowed):
    """Tarjan's strongly connected components: each with more than one member is a circle."""
    index, low, stack, faults = {}, {}, [], []

    def visit(module):
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in sorted(graph.get(module, ())):
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            component = stack[stack.index(module):]
            del stack[stack.index(module):]
            if len(component) > 1 and not allowed(component):
                faults.append("include each other: " + ", ".join(sorted(component)))

    for module in sorted(graph):
        if module not in index:
            visit(module)
    return faults


def never(component):
    return False


def is_one_noun(component):
    return len({noun_of(module) for module in component}) == 1


def symbols(library):
    """(object file, name, class, type, section) of every symbol, by nm's sysv format."""
    output = subprocess.run(
        ["nm", "--format=sysv", library], check=True, capture_output=True, text=True
    ).stdout
    unit = ""
    for line in output.splitlines():
        heading = re.match(r"^(?:Symbols|Undefined symbols) from .*?([^/\[\]]+)\]?:$", line)
        if heading:
            unit = heading.group(1)
        columns = [column.strip() for column in line.split("|")]
        if len(columns) == 7 and columns[0] != "Name":
            yield unit, columns[0], columns[2], columns[3], columns[6]


def check_core(library):
    faults, seen = [], False
    for unit, name, kind, _, _ in symbols(library):
        seen = seen or name == "bn_layout_load"
        if FOREIGN.match(name):
            faults.append(f"{unit}: {name} does not belong into core")
        if CLOCK.match(name) and not unit.startswith("clock."):
            faults.append(f"{unit}: {name}: time is an argument in core")
    return faults if seen else faults + [f"{library}: bn_layout_load is not in it: was it read?"]


def check_globals(library):
    faults = []
    for unit, name, kind, type_, section in symbols(library):
        writable = re.match(r"^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)", section)
        constant = section.startswith(".data.rel.ro")
        known = any(unit.startswith(file) and name == symbol for file, symbol in WRITABLE)
        if type_ in ("OBJECT", "TLS") and writable and not constant and not known:
            faults.append(f"{unit}: {name} in {section} can be written; globals are not allowed")
    return faults


def main():
    root, sanitized, libraries = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    files = sorted(path.relative_to(root) for path in root.rglob("*.[ch]"))
    skip = "sanitizers keep notes of their own" if sanitized == "yes" else None
    tests = [
        ("includes-go-down-or-stay", lambda: check_order(root, files), None),
        ("no-header-includes-in-a-circle", lambda: check_circles(headers(root, files), never), None),
        ("no-noun-includes-in-a-circle", lambda: check_circles(modules(root, files), is_one_noun), None),
        ("core-calls-nobody", lambda: check_core(libraries[0]), None),
        ("nothing-is-global", lambda: [f for l in libraries for f in check_globals(l)], skip),
    ]
    print("TAP version 13")
    print(f"1..{len(tests)}")
    failed = False
    for number, (name, check, reason) in enumerate(tests, 1):
        if reason:
            print(f"ok {number} - {name} # SKIP {reason}")
            continue
        faults = check()
        failed = failed or bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - {name}")
        for fault in faults:
            print(f"# {fault}")
    return 1 if failed else 0


sys.exit(main())
