"""One hostile process. It ends with its standard input, and writes into its log what it does:

  episode SEED STEPS WHY     the steps can be had again: __main__.py print SEED
  attack NAME CONNECTIONS
  stuck WHAT                 the compositor did not answer
"""
import itertools
import select
import sys

import attacks
import moves
import play
import signatures
import wire


LOG = []  # the file


def say(*words):
    print(*words, file=LOG[0], flush=True)


class Until:
    """Whether standard input is still open: looked at now and then only, it costs a system call."""

    def __init__(self):
        self.count, self.open = 0, True

    def __call__(self):
        self.count += 1
        if self.open and self.count % 64 == 1:
            ready, _, _ = select.select([sys.stdin], [], [], 0)
            self.open = not ready
        return self.open


def offered_to(interfaces, path):
    """What a client is offered there; a global of an interface that we do not know is a fault of this fuzzer."""
    player = play.Player(interfaces, path)
    try:
        unknown = sorted(set(player.globals) - set(interfaces))
        if unknown:
            raise SystemExit(f"attacker: no XML for {', '.join(unknown)}: add it to protocols/meson.build")
        return sorted((name, index, version) for name, known in player.globals.items()
                      for index, (_, version) in enumerate(known))
    finally:
        player.close()


def fuzz(interfaces, path, seed, goes_on):
    """Episodes without end."""
    offered = offered_to(interfaces, path)
    say("offered", play.dump(offered))
    for number in itertools.count():
        if not goes_on.open:
            return
        name = f"{seed}/{number}"
        steps = moves.episode(interfaces, offered, name)
        played = 0

        def count(_):
            nonlocal played
            played += 1
            if not goes_on():
                raise wire.Gone("told to end")

        say("begin", name, len(steps))
        try:
            why = play.play(interfaces, path, steps, count)
        except wire.Stuck as stuck:
            say("stuck", name, played, stuck)
            return
        except OSError as error:
            why = str(error)
        say("episode", name, played, why or "all was taken")


def main(arguments):
    what, path, name, log, *files = arguments
    LOG.append(open(log, "a", encoding="utf-8", errors="replace"))  # pylint: disable=consider-using-with
    interfaces = signatures.read(files)
    goes_on = Until()
    try:
        if what == "fuzz":
            fuzz(interfaces, path, name, goes_on)
        else:
            say("attack", name, attacks.run(interfaces, path, name, goes_on))
    except wire.Stuck as stuck:
        say("stuck", name, stuck)
    except (ConnectionError, FileNotFoundError, wire.Gone) as error:
        say("gone", name, error)


if __name__ == "__main__":
    main(sys.argv[1:])
