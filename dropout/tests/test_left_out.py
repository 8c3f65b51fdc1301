"""A test that could not run must say so, and fail where nothing may be left out: conftest.py, seen from outside."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

TESTS = {
    "marked": "import pytest\n@pytest.mark.redis\ndef test_it(): pass\n",
    "skipping": "import pytest\ndef test_it(): pytest.skip('no weather today')\n",
    "whole module": "import pytest\npytest.skip('no weather today', allow_module_level=True)\n",
}


def verdict(tmp_path, code, allow_skip):
    """What pytest says about a file with this code, on a machine without Redis."""
    (tmp_path / "test_sample.py").write_text(code)
    environment = {**os.environ, "ALLOW_SKIP": allow_skip, "PYTHONPATH": str(settings.BASE_DIR)}
    environment.pop("TEST_REDIS_URL", None)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rs",
        "-p",
        "conftest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    command += ["-c", str(settings.BASE_DIR / "pytest.ini"), f"--rootdir={tmp_path}", str(tmp_path)]
    return subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("kind", TESTS)
def test_left_out_is_told_and_passes_where_it_may_be(tmp_path, kind):
    told = verdict(tmp_path, TESTS[kind], "1")
    assert "1 skipped" in told.stdout
    assert "needs Redis" in told.stdout or "no weather today" in told.stdout
    assert told.returncode in (0, 5)  # 5: pytest's word for a file in which nothing was left to run


@pytest.mark.parametrize("kind", TESTS)
def test_left_out_fails_where_nothing_may_be(tmp_path, kind):
    told = verdict(tmp_path, TESTS[kind], "0")
    assert told.returncode not in (0, 5)
    assert "which ALLOW_SKIP=0 forbids" in told.stdout


def test_expected_failure_is_not_left_out(tmp_path):
    code = "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_it(): assert 1 == 2\n"
    assert verdict(tmp_path, code, "0").returncode == 0
