#!/usr/bin/env python3
"""The manual names every key and every choice of the loader, and shows nothing that the loader does not know.

usage: layout_manual_test.py LAYOUT_KEYS SOURCE_ROOT
"""
import json
import pathlib
import re
import subprocess
import sys

SECTIONS = {  # table: heading of the manual
    "layout": "THE FILE", "display": "DISPLAYS", "match": "DISPLAYS", "glass": "DISPLAYS", "occupant": "OCCUPANTS",
    "touch": "OCCUPANTS", "signal": "SIGNALS", "comparison": "CONDITIONS", "zone": "ZONES", "check": "CHECKS",
    "rule": "RULES", "app": "APPS", "limits": "APPS", "theme": "THEMES",
}


def main():
    program, root = sys.argv[1], pathlib.Path(sys.argv[2])
    manual = (root / "layouts/binnacle-layout.5.scd").read_text().replace("\\", "")
    keys = json.loads(subprocess.run([program], check=True, capture_output=True).stdout)
    sections = dict(zip(*[iter(re.split(r"^# (.+)$", manual, flags=re.M)[1:])] * 2))
    ok = True
    for number, (table, rows) in enumerate(keys.items(), 1):
        text = sections.get(SECTIONS.get(table, ""), "")
        described = set(re.findall(r"^\t*\*([a-z-]+)\*", text, flags=re.M))
        faults = [f"\"{key}\" is not described under {SECTIONS.get(table)}" for key in rows if key not in described]
        for key, row in rows.items():
            faults += [f"{key}: \"{name}\" is not named" for name in row.get("choices", [])
                       if not re.search(rf"[*_]{re.escape(name)}[*_]", text)]
        ok = ok and not faults
        print(f"{'not ok' if faults else 'ok'} {number} - {table}-is-described-in-full")
        for fault in faults:
            print(f"# {fault}")
    print(f"1..{len(keys)}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
