"""Which tests can run here: those that need a service are left out with a plain reason, or fail when ALLOW_SKIP=0.

The services are named by the environment (`make test` sets it): TEST_DATABASE_URL (PostgreSQL), TEST_REDIS_URL,
CHROMIUM (path of the browser; looked for when not given).
"""

import os
import shutil

import pytest
from django.conf import settings

pytest_plugins = ["dropout.testing"]  # the reference facts and the cast


def find_chromium() -> str | None:
    """The path of a Chromium to drive, or None."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def is_postgres() -> bool:
    return settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


MISSING = {
    "postgres": lambda: None if is_postgres() else "needs PostgreSQL: set TEST_DATABASE_URL, or use make test",
    "sqlite": lambda: "says something about SQLite only" if is_postgres() else None,
    "redis": lambda: None if os.environ.get("TEST_REDIS_URL") else "needs Redis: set TEST_REDIS_URL, or use make test",
    "browser": lambda: None if find_chromium() else "needs Chromium: install it, or name it in CHROMIUM",
}
NOTHING_LEFT_OUT = os.environ.get("ALLOW_SKIP") == "0"


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, reason_missing in MISSING.items():
        if item.get_closest_marker(marker) and (reason := reason_missing()):
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    return forbid_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    report = yield
    return forbid_skip(report)


def forbid_skip(report):
    """With ALLOW_SKIP=0 a test left out, for whatever reason, is a failure; an expected failure is not left out."""
    if NOTHING_LEFT_OUT and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"left out, which ALLOW_SKIP=0 forbids: {reason}"
    return report


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where the browser is; only for tests marked `browser`."""
    return find_chromium()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The Redis made for this run; only for tests marked `redis`. Choose a database number or key prefix per worker."""
    return os.environ["TEST_REDIS_URL"]


@pytest.fixture(scope="session")
def chromium(chromium_path):
    """One browser for the run. Playwright runs a loop in this thread, at which Django would else take fright."""
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def in_thai():
    """Every test begins in Thai: a request of the test before it may have left this thread in English."""
    from django.utils import translation

    translation.activate("th")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All browser tests in one worker: there is one browser and one served world a run, and both take their time."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))
