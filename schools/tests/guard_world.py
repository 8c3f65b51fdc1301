"""People for the tests of the guard, beside the cast: whoever is asked for, and how one logs in."""

from datetime import UTC, date, datetime

from schools.models import Person, Posting

PASSWORD = "ม้าลายสีฟ้า เดินเล่น 9 ตัว"


def make_person(username: str, role: str = "", unit: str = "", **fields) -> Person:
    """An active person with PASSWORD and, if `role` is given, a posting since long ago."""
    names = {"first_name": "สมมุติ", "last_name": username} | fields
    person = Person.objects.create_user(username, PASSWORD, date_joined=datetime(2022, 1, 1, tzinfo=UTC), **names)
    if role:
        Posting.objects.create(person=person, role=role, unit=unit, since=date(2022, 1, 1))
    return person


def log_in(client, username: str, password: str = PASSWORD, **headers):
    """Posts the log-in form as a browser would."""
    return client.post("/login/", {"login": username, "password": password}, **headers)
