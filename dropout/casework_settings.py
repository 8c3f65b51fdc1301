"""Settings of the casework read from the environment; nonsense is refused at start-up."""

import json

import environ
from django.core.exceptions import ImproperlyConfigured


def stage_deadlines(env: environ.Env) -> dict[str, dict[str, int]]:
    """STAGE_DEADLINES: days until a stage should be left, as JSON by department, like `{"obec": {"found": 7}}`.

    `default` is for every department; what is not named stays as cases.lifecycle.DEADLINES has it.
    """
    try:
        given = json.loads(env.str("STAGE_DEADLINES", default="") or "{}")
    except ValueError as error:
        raise ImproperlyConfigured(f"STAGE_DEADLINES is not JSON: {error}") from error
    stages = {"new", "assigned", "tracking", "found", "assisting", "returned_claimed"}
    for department, days in given.items():
        if not isinstance(days, dict) or not days.keys() <= stages:
            raise ImproperlyConfigured(f"STAGE_DEADLINES of {department}: name only {', '.join(sorted(stages))}.")
        if not all(type(count) is int and 1 <= count <= 365 for count in days.values()):
            raise ImproperlyConfigured(f"STAGE_DEADLINES of {department}: give whole days from 1 to 365.")
    return given


def at_least_one(env: environ.Env, name: str, default: int, most: int) -> int:
    """The whole number `name`, from 1 to `most`."""
    given = env.int(name, default=default)
    if not 1 <= given <= most:
        raise ImproperlyConfigured(f"{name}: give a whole number from 1 to {most}.")
    return given
