"""Holds template.yaml and infra/stacks to rules that no linter knows and that an emulator of AWS ignores.

A rule is a function in rules/. test_checks.py breaks the templates in every way that a rule tells of.
"""

import sys

from rules import RULES, Fault
from system import read_system


def check(system):
    return [Fault(rule.__name__, *fault) for rule in RULES for fault in rule(system)]


def main():
    system = read_system()
    faults = check(system)
    for fault in faults:
        print(fault)
    resources = sum(len(template["Resources"]) for template in system.templates().values())
    print(f"{len(RULES)} rules, {1 + len(system.stacks)} templates, {resources} resources, {len(faults)} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
