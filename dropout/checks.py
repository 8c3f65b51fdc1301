"""What makes an installation unfit to serve real children's data; `check`, `migrate` and `serve` refuse it."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def demo_people_need_demo_mode(databases: list[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """The demo log-ins have a password anybody can read in the README: without DEMO=1 they must not exist."""
    if settings.DEMO or not databases:
        return []
    Person = get_user_model()  # noqa: N806 - a model
    table = Person._meta.db_table
    found = []
    for alias in databases:
        if table not in connections[alias].introspection.table_names():
            continue  # before the first migration nobody exists
        number = Person.objects.using(alias).filter(is_demo=True).count()
        if number:
            found.append(
                Error(
                    f"The database '{alias}' holds {number} demo people, whose password is public.",
                    hint="Use a database of its own for real data, or set DEMO=1 to go on with the demo world.",
                    id="dropout.E001",
                )
            )
    return found
