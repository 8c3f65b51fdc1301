"""The product as it is served (`manage.py serve`: gunicorn, real worker, demo world), and people who look at it.

One server and one world per run: seeding takes most of a minute. Tests therefore never share a child: `take_case` hands
out each one once. What a test needs to know of the database it reads there itself, read-only.
"""

import os
import re
import socket
import sqlite3
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dropout.tests.listening import Listening

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
PLACE = {"latitude": 16.6312, "longitude": 103.8765, "accuracy": 12}
EXPECTED = re.compile(r"the server responded with a status of (400|403|404|409|429)")


@dataclass
class Site:
    """A running product: where it answers, where its data lies, which children are taken."""

    url: str
    data: Path
    states: dict[str, dict] = field(default_factory=dict)  # who has logged in already, by user name
    taken: set[str] = field(default_factory=set)

    def ask(self, question: str, *values):
        """The rows a read-only question finds in its database."""
        connection = sqlite3.connect(f"file:{self.data / 'dropout.sqlite3'}?mode=ro", uri=True, timeout=20)
        try:
            return connection.execute(question, values).fetchall()
        finally:
            connection.close()

    def take_case(self, stage: int, *, district: str = "P4603", school: str | None = "46990001") -> str:
        """A case at `stage`, or else another a visit is due to, that no test has had; hers first, as in the queue.

        Of the demo teacher's school unless said.
        """
        rows = self.ask(
            "SELECT c.number FROM cases_case c JOIN schools_district d ON d.id = c.district_id "
            "LEFT JOIN schools_school s ON s.id = c.school_id "
            "WHERE (c.stage IN (?, 1, 2) OR (c.stage = 3 AND c.wish <> 1)) AND d.code = ? "
            "AND (? IS NULL OR s.code = ?) ORDER BY c.stage <> ?, c.teacher_id IS NULL, c.due_at, c.id",
            *(stage, district, school, school, stage),
        )
        number = next(number for (number,) in rows if number not in self.taken)
        self.taken.add(number)
        return number

    def visits_of(self, number: str) -> int:
        question = "SELECT count(*) FROM cases_visit v JOIN cases_case c ON c.id = v.case_id WHERE c.number = ?"
        return self.ask(question, number)[0][0]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The product from an empty folder, as `make run` starts it; ended with the run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    data = tmp_path_factory.mktemp("site")
    environment = {**kept, "DEMO": "1", "DATA_DIR": str(data), "PORT": str(port), "WEB_PROCESSES": "1"}
    running = Listening([sys.executable, "manage.py", "serve"], longest=300, env=environment)
    try:
        running.read_until("Ready at")
        yield Site(f"http://127.0.0.1:{port}", data)
    finally:
        running.end()


@pytest.fixture
def open_page(chromium, site):
    """open_page("teacher", PHONE, …) → a page of that demo person, logged in; None: of nobody.

    At the end of the test no script error, no breach of the content policy and no other complaint may have been told.
    """
    contexts, told = [], []

    def opened(person: str | None = None, size: dict = PHONE, **options):
        options = {"locale": "th-TH", **options}
        if person is not None:
            options["storage_state"] = site.states.setdefault(person, logged_in(chromium, site, person))
        phone = {"has_touch": True, "is_mobile": True} if size is PHONE else {}
        context = chromium.new_context(viewport=size, base_url=site.url, **phone, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda said: told.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: told.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in told if not EXPECTED.search(text)] == []


def logged_in(chromium, site: Site, person: str) -> dict:
    """What a browser keeps of a log-in by the form: the storage state for later pages of the same person."""
    if person in site.states:
        return site.states[person]
    context = chromium.new_context(viewport=DESK, base_url=site.url, locale="th-TH")
    page = context.new_page()
    page.goto("/login/")
    page.fill("#id_login", person)
    page.fill("#id_password", "demo")
    page.press("#id_password", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    state = context.storage_state()
    context.close()
    return state
