"""What a client believes to have: objects by interface, ids, what was done with them."""
import random

import play

INTS = [0, 1, -1, 2, 3, 7, 8, 16, 64, 100, 255, 256, 320, 4095, 4096, 8192, 65535, 65536, 1 << 20, 0x3fffffff,
        0x7ffffffe, 0x7fffffff, -2, -100, -65536, -0x7fffffff, -0x80000000]
TEXTS = ["", "a", "witness", "trusted", "nav", "main", "gauges", "Vehicle.Speed", "text/plain", "*", "../../x",
         "\u00e4\u6f22\U0001f697", "x" * 300, "%s%n%d", "y" * 2000, "text/plain;charset=utf-8", "\udc80\udcff", "{}[]\"\\\n"]


class Thing:
    """An object. `facts` is what the moves remember of it."""

    def __init__(self, number, interface, version):
        self.id, self.interface, self.version = number, interface, version
        self.facts = {}
        self.alive = True


class Model:
    """
    Makes steps and keeps account of them. Nothing here looks at what the compositor answers, so that a seed always
    makes the same steps. `offered`: [(interface, index, version)...], `wild`: how often an argument is any, 0..1.
    """

    def __init__(self, interfaces, offered, seed, wild):
        self.interfaces, self.offered = interfaces, offered
        self.random = random.Random(seed)
        self.wild = wild
        self.next_id = play.FIRST_ID
        self.next_slot = 0
        self.things = {}  # interface -> [Thing...], all alive
        self.dead = []    # ids
        self.steps = []

    def chance(self, probability):
        return self.random.random() < probability

    # Steps

    def add(self, *step):
        self.steps.append(list(step))

    def take_id(self):
        self.next_id += 1
        return self.next_id - 1

    def make(self, interface, version):
        thing = Thing(self.take_id(), interface, version)
        self.things.setdefault(interface, []).append(thing)
        return thing

    def bind(self, interface, index, version):
        thing = self.make(interface, version)
        self.add("bind", interface, index, version, thing.id)
        return thing

    def call(self, thing, request, *values):
        """Things among the values stand for their ids; `new` for the object that the request makes, which is returned."""
        message = self.request(thing, request)
        made, sent = None, []
        for arg, value in zip(message.args, values, strict=True):
            assert (value is New) == (arg.type == "new_id"), f"{thing.interface}.{request}: {arg.name}"
            if value is New:
                made = self.make(arg.interface, thing.version)
                value = made.id
            sent.append(value.id if isinstance(value, Thing) else value)
        self.add("call", thing.id, thing.interface, request, sent)
        if message.destructor:
            self.forget(thing)
        return made

    def forget(self, thing):
        if thing.alive:
            thing.alive = False
            self.things[thing.interface].remove(thing)
            self.dead.append(thing.id)

    def sync(self):
        self.add("sync", self.take_id())

    # Looking

    def request(self, thing, name):
        return next(m for m in self.interfaces[thing.interface].requests if m.name == name)

    def all(self, interface, fact=None, without=None):
        return [thing for thing in self.things.get(interface, [])
                if (fact is None or fact in thing.facts) and (without is None or without not in thing.facts)]

    def one(self, interface, fact=None, without=None):
        """One of them; None when there is none."""
        known = self.all(interface, fact, without)
        return self.random.choice(known) if known else None

    # Values

    def number(self):
        way = self.random.random()
        if way < 0.5:
            return self.random.randint(-4, 400)
        if way < 0.9:
            return self.random.choice(INTS)
        return self.random.randint(-1 << 31, (1 << 31) - 1)

    def descriptor(self):
        kind = self.random.choice(play.FD_KINDS + ["memory"] * 6 + ["keymap", "keymap-open", "keymap-junk", "keymap-deep"])
        return {"fd": kind, "size": self.random.choice([0, 1, 100, 4096, 16384, 1 << 20])}

    def any_value(self, arg):
        """A value of the right type. None: there is none, so the request cannot be made."""
        if arg.type in ("int", "fixed"):
            return self.random.choice(arg.values) if arg.values and not self.chance(0.2) else self.number()
        if arg.type == "uint":
            if arg.values and not self.chance(0.2):
                return self.random.choice(arg.values)
            return {"serial": "input"} if "serial" in arg.name and self.chance(0.7) else self.number() & 0xffffffff
        if arg.type == "string":
            return {"token": True} if arg.name == "token" and self.chance(0.5) else self.random.choice(TEXTS)
        if arg.type == "array":
            return bytes(self.random.randrange(256) for _ in range(self.random.choice([0, 1, 4, 7, 64]))).hex()
        if arg.type == "fd":
            return self.descriptor()
        if arg.type == "new_id":
            return New if arg.interface is not None else None
        return self.any_object(arg)

    def any_object(self, arg):
        if arg.nullable and self.chance(0.3):
            return 0
        thing = self.one(arg.interface) if arg.interface is not None else None
        if self.chance(self.wild):
            return self.random.choice([0, 1, 2, self.next_id + 5, 0xff000000, 0xffffffff] + self.dead[-20:])
        return thing if thing is not None else (0 if arg.nullable else None)


class New:
    """Among the values of a call: the object that it makes."""
