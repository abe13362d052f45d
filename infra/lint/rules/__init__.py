"""The rules. Each is a generator of faults: where, and what is wrong there."""

import json
from typing import NamedTuple

RULES = []


class Fault(NamedTuple):
    rule: str
    place: str
    text: str

    def __str__(self):
        return f"{self.place}: {self.text} ({self.rule})"


class Holds(NamedTuple):
    """Stands for every value that a test accepts, where a rule wants no single one."""

    text: str
    test: object


PRESENT = Holds("something", bool)


def rule(function):
    RULES.append(function)
    return function


def short(value):
    return value if isinstance(value, str) else json.dumps(value)


def differences(found, wanted):
    """What sets the properties apart from the wanted ones. What nobody wanted is a difference, too: a rule
    that knows nothing of a property cannot say what it opens."""
    for key in wanted:
        want = wanted[key]
        if key not in found:
            yield f"{key} is missing"
        elif isinstance(want, Holds):
            if not want.test(found[key]):
                yield f"{key} is {short(found[key])}, not {want.text}"
        elif found[key] != want:
            yield f"{key} is {short(found[key])}, not {short(want)}"
    for key in found:
        if key not in wanted:
            yield f"{key} does not belong here"


# Last, as they need what is above.
from rules import calls, data, mail, nesting, queues, roles, settings, watching  # noqa: E402

MODULES = [calls, data, mail, nesting, queues, roles, settings, watching]
