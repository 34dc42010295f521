"""Instructions that one shared library executes itself, by thread, from callgrind's profiles.

Counts only that object's own code: what libc's memcpy does with a processor's features, and what the program and the
kernel do, stays out, so that the figure is the same on another machine.
"""
import re

NAME = re.compile(r"^(ob|cob)=\((\d+)\)(?: (.*))?$")


def self_instructions(path, is_wanted):
    """The sum over all functions of the objects whose file name `is_wanted`."""
    names, total, wanted, skip = {}, 0, False, False
    with open(path, encoding="utf-8", errors="replace") as profile:
        for line in profile:
            line = line.rstrip("\n")
            first = line[:1]
            if first.isdigit() or first in "+-*":
                if skip:
                    skip = False  # the cost of a call, which its function has already
                elif wanted:
                    cost = line.split()[1:]  # none at all is zero
                    total += int(cost[0]) if cost else 0
                continue
            if line.startswith("calls="):
                skip = True
                continue
            found = NAME.match(line)
            if not found:
                continue
            kind, number, name = found.groups()
            if name:
                names[number] = name
            if kind == "ob":
                wanted = is_wanted(names.get(number, ""))
    return total


def by_thread(directory, prefix, is_wanted):
    """(the program's thread, all others): callgrind numbers the first thread 01."""
    app = others = 0
    for path in directory.glob(f"{prefix}-*"):
        count = self_instructions(path, is_wanted)
        if path.name.endswith("-01"):
            app += count
        else:
            others += count
    return app, others
