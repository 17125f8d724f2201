"""What the programs at hand can do, found out from how they behave: a row that needs more is skipped, and says so."""
import json
import os
import shutil
import subprocess
import tempfile

COUNTER = {
    "binnacle": 1,
    "displays": {"a": {"mode": "320x200@60"}},
    "zones": {"z": {"display": "a", "max-age": "100ms", "counter": [0, 0, 8, 8], "grant": ["x"]}},
    "apps": {"x": {}},
}


def run(*command):
    try:
        return subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
                              check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None


PROVED = {
    "binnacle": 1,
    "displays": {"a": {"mode": "320x200@60", "criticality": "safety"}, "b": {"mode": "320x200@60"}},
    "zones": {"z": {"display": "a", "layer": "telltale", "grant": ["x"], "accept-loss": "tried"}},
    "apps": {"x": {}},
}


def has_guard(tools):
    done = run(tools.guard, "--version")
    return done is not None and done.returncode == 0


def knows_command(tools, word):
    done = run(tools.ctl, "--help")
    return done is not None and word in done.stdout


def takes(tools, layout):
    """Freshness came with `counter:`, the proof with `accept-loss:`."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(json.dumps(layout))
        file.flush()
        done = run(tools.ctl, "check", file.name)
    return done is not None and done.returncode == 0


FEATURES = {
    "guard": ("there is no binnacle-guard yet", has_guard),
    "glass": ("checks of what is on glass are not there yet", lambda tools: knows_command(tools, "golden")),
    "fresh": ("zones are not watched for frozen pictures yet", lambda tools: takes(tools, COUNTER)),
    "ledger": ("there is no ledger of deadlines yet", lambda tools: knows_command(tools, "deadlines")),
    "proof": ("layouts are not proved yet", lambda tools: takes(tools, PROVED)),
    "policy": ("capture of private zones is not refused everywhere yet", lambda tools: knows_command(tools, "test-policy")),
    "shim": ("a sanitizer must be loaded before everything else", lambda tools: not tools.sanitized),
    "cage": ("cage or grim is not installed", lambda tools: bool(shutil.which("cage") and shutil.which("grim"))),
    "kms": ("not in the user-mode linux guest: ./dev faults", lambda tools: os.path.exists("/kms/machine")),
}


class Features:
    """Each is asked for once."""

    def __init__(self, tools):
        self.tools, self.known = tools, {}

    def lacks(self, names):
        """Why a row cannot run; "": it can."""
        for name in names:
            reason, test = FEATURES[name]
            if name not in self.known:
                self.known[name] = test(self.tools)
            if not self.known[name]:
                return reason
        return ""

    def has(self, name):
        return self.lacks([name]) == ""
