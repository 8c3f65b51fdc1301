"""What every page's frame shows: whose account this is and of which unit."""

from schools.scope import postings_of, unit_of_posting


def who_is_here(request) -> dict:
    """`account_name` and `unit_name` for the header; nothing before somebody is in."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {}
    posting = next(iter(postings_of(person)), None)
    unit = unit_of_posting(posting) if posting else None
    return {"account_name": person.get_full_name(), "unit_name": unit.name if unit else ""}
