"""Which tests can run here: those that need a service are left out with a plain reason, or fail when ALLOW_SKIP=0.

The services are named by the environment (`make test` sets it): TEST_DATABASE_URL (PostgreSQL), TEST_REDIS_URL,
CHROMIUM (path of the browser; looked for when not given).
"""

import os
import shutil

import pytest
from django.conf import settings

pytest_plugins = ["dropout.testing"]  # the reference facts and the cast


def chromium() -> str | None:
    """The path of a Chromium to drive, or None."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def is_postgres() -> bool:
    return settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


MISSING = {
    "postgres": lambda: None if is_postgres() else "needs PostgreSQL: set TEST_DATABASE_URL, or use make test",
    "sqlite": lambda: "says something about SQLite only" if is_postgres() else None,
    "redis": lambda: None if os.environ.get("TEST_REDIS_URL") else "needs Redis: set TEST_REDIS_URL, or use make test",
    "browser": lambda: None if chromium() else "needs Chromium: install it, or name it in CHROMIUM",
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
    return chromium()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The Redis made for this run; only for tests marked `redis`. Choose a database number or key prefix per worker."""
    return os.environ["TEST_REDIS_URL"]
