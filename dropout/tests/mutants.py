"""The rule of scope broken on purpose, one line at a time: what the walk of the access table must notice.

Each is the old line, the line it becomes, and the sentence of the walk by which it is to be caught, so that a mutant
dies of its own fault and not of a neighbour's.
"""

import importlib
import inspect
from types import FunctionType
from typing import NamedTuple


class Mutant(NamedTuple):
    name: str
    module: str
    old: str
    new: str
    caught_by: str


MUTANTS = (
    Mutant(
        "a district sees its whole province",
        "schools.scope",
        '            return Q(**{f"{prefix}district_id": unit.pk})',
        '            return Q(**{f"{prefix}province_id": unit.row.seat_id})',
        "cases:case_detail GET other_district as district: 200 instead of 404",
    ),
    Mutant(
        "the last day of a posting is not looked at",
        "schools.tenure",
        "    return posting.cut_at is not None or (posting.until is not None and posting.until < today)",
        "    return posting.cut_at is not None",
        "cases:case_detail GET own as former: 200 instead of 404",
    ),
    Mutant(
        "no posting opens everything",
        "schools.scope",
        '    return Q(**{f"{prefix}pk__in": []}) if rule is None else rule',
        "    return Q() if rule is None else rule",
        "cases:case_detail GET college as charlie: 200 instead of 404",
    ),
    Mutant(
        "a department looks at the offices of every department",
        "schools.scope",
        "            return _department_of(inner) == outer.pk",
        "            return _department_of(inner) is not None",
        "api:figures GET college as department: 200 instead of 404",
    ),
    Mutant(
        "a posting is enough, whatever its role may do",
        "schools.scope",
        "        if unit is None or capability not in roles.capabilities_of(posting):",
        "        if unit is None:",
        "cases:case_detail GET own as admin: 200 instead of 404",
    ),
    Mutant(
        "an auditor reads names",
        "schools.roles",
        "    Role.AUDITOR: frozenset({SEE_CASES, SEE_FIGURES, SEE_AUDIT}),",
        "    Role.AUDITOR: frozenset({SEE_CASES, SEE_NAMES, SEE_FIGURES, SEE_AUDIT}),",
        "cases:case_detail GET own as auditor: tells",
    ),
)


def apply(mutant: Mutant, monkeypatch) -> None:
    """Make `mutant` the rule until monkeypatch takes it back, also for those who imported a function of it by name."""
    module = importlib.import_module(mutant.module)
    source = inspect.getsource(module)
    lines = source.splitlines()
    assert lines.count(mutant.old) == 1, f"{mutant.name}: the line stands {lines.count(mutant.old)} times"
    changed = "\n".join(mutant.new if line == mutant.old else line for line in lines)
    mutated = {"__name__": module.__name__}
    exec(compile(changed, f"{mutant.module} ({mutant.name})", "exec"), mutated)
    for name, made in mutated.items():
        original = module.__dict__.get(name)
        if isinstance(made, FunctionType) and made.__module__ == module.__name__:
            monkeypatch.setattr(original, "__code__", made.__code__)
        elif isinstance(made, dict) and name.isupper():
            for key, value in made.items():
                monkeypatch.setitem(original, key, value)
