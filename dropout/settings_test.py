"""Settings of the test suite: fast hasher, files in a temporary folder, the database TEST_DATABASE_URL names."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("DEMO", "1")
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="dropout-test-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
for _name in ("SECRET_KEY", "IDENTITY_SEAL_KEY", "IDENTITY_INDEX_KEY"):
    os.environ[_name] = f"only-for-tests-{_name}-0123456789-0123456789-0123456789"
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from dropout.settings import *  # noqa: E402,F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir()  # noqa: F405 - WhiteNoise warns about a missing one, and warnings are errors here
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
CELERY_BROKER_URL = "memory://"
CACHES["limits"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}  # noqa: F405 - people of other tests share keys
