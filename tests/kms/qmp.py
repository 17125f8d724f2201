#!/usr/bin/env python3
"""qmp.py shot HEAD FILE.png | tap HEAD X Y: asks the virtual PC that we run in, by its monitor on our second serial port.

Heads count from 0, X and Y are of the head's width and height, 0 to 1. FILE is in the shared file system.
"""

import json
import os
import sys
import time
import tty

PORT = "/dev/ttyS1"
FULL = 0x7FFF


class Monitor:
    def __init__(self):
        port = os.open(PORT, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(port)
        self.out = os.fdopen(port, "wb", buffering=0)
        self.lines = os.fdopen(os.dup(port), "rb")
        self.count = 0
        # Until it was raw the line sent back what it heard; this byte is in no JSON and makes an end of that.
        self.out.write(b"\xff\n")
        self.ask("qmp_capabilities", fails=True)  # which is an error when somebody has done it before

    def ask(self, command, fails=False, **arguments):
        self.count += 1
        name = f"{os.getpid()}-{self.count}"
        words = {"execute": command, "arguments": arguments, "id": name}
        self.out.write(json.dumps(words).encode() + b"\n")
        for line in self.lines:
            try:
                answer = json.loads(line)
            except ValueError:
                continue  # half of what was said before we listened
            if answer.get("id") != name:
                continue
            if "error" in answer and not fails:
                raise SystemExit(f"{command}: {answer['error']['desc']}")
            return answer.get("return")

    def shot(self, head, path):
        self.ask("screendump", device="gpu", head=head, format="png", filename=os.path.abspath(path))

    def finger(self, head, *events):
        self.ask("input-send-event", device="gpu", head=head,
                 events=[{"type": "mtt", "data": dict(event, slot=0)} for event in events])

    def tap(self, head, x, y):
        self.finger(head, {"type": "begin", "tracking-id": 1, "axis": "x", "value": 0},
                    {"type": "data", "tracking-id": 1, "axis": "x", "value": round(x * FULL)},
                    {"type": "data", "tracking-id": 1, "axis": "y", "value": round(y * FULL)})
        time.sleep(0.1)
        self.finger(head, {"type": "end", "tracking-id": -1, "axis": "x", "value": 0})


def main(words):
    monitor = Monitor()
    if words[0] == "shot":
        monitor.shot(int(words[1]), words[2])
    else:
        monitor.tap(int(words[1]), float(words[2]), float(words[3]))


if __name__ == "__main__":
    main(sys.argv[1:])
