"""How the demo world's lists come in: by the same check and commit as anybody's, and not one row refused."""

from pathlib import Path

from cases.intake.commit import NotLanded
from cases.intake.importing import Request, commit
from schools.models import Person


def take_in(path: Path, *, name: str, person: Person) -> None:
    """Import the list at `path` as `person`; a refused row is a fault of the demo and stops it."""
    try:
        commit(Request(person, path, path.name, name))
    except NotLanded as refused:
        raise RuntimeError(
            f"The demo list {name} has refused rows: {refused.report.as_json()['refusals'][:3]}"
        ) from refused
