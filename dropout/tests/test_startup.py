"""What happens before the first page: port, data folder, static files, reference data, the demo world only once."""

import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model

from dropout import startup


@pytest.fixture
def taken():
    """A port somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def steps(monkeypatch, settings, tmp_path):
    """The commands `prepare` called, in order; `seed_demo` makes its teacher, as the real one does."""
    settings.DATA_DIR = tmp_path
    called = []

    def call(name, **options):
        called.append(name)
        if name == "seed_demo":
            assert options["scale"] == "small"
            get_user_model().objects.create(username="teacher", is_demo=True)

    monkeypatch.setattr(startup, "call_command", call)
    return called


@pytest.mark.parametrize("text", ["abc", "0", "70000", "-1", "８０００", "80 00", "8000\n"])
def test_port_that_is_no_port_is_refused_in_both_languages(text):
    with pytest.raises(startup.CannotStart, match="ไม่ใช่หมายเลขพอร์ต.*is not a port number"):
        startup.read_port(text)


def test_port_is_read():
    assert startup.read_port("8000") == 8000


def test_free_port_is_accepted_even_right_after_its_last_owner():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
    startup.refuse_taken_port("127.0.0.1", port)


def test_taken_port_is_told_before_anything_is_made(taken, tmp_path):
    data = tmp_path / "data"
    environment = {**os.environ, "PORT": str(taken), "DATA_DIR": str(data), "DEMO": "1", "BROKER_URL": "memory://"}
    environment["DJANGO_SETTINGS_MODULE"] = "dropout.settings"
    environment.pop("DATABASE_URL", None)
    refused = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=project.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert refused.returncode == 1
    assert f"ใช้ที่อยู่ 127.0.0.1:{taken} ไม่ได้" in refused.stderr
    assert f"make run PORT={taken + 1 if taken < 65_535 else 8000}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not list(data.glob("*.sqlite3"))


def test_data_folder_in_use_is_refused_and_free_again_afterwards(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "new"
    with startup.hold_data_dir(), pytest.raises(startup.CannotStart, match="already runs on"):
        startup.hold_data_dir()
    startup.hold_data_dir().close()


@pytest.mark.django_db
def test_demo_world_is_built_once(steps, settings):
    settings.DEMO = True
    startup.prepare(lambda _line: None)
    assert steps == ["migrate", "createcachetable", "collectstatic", "load_reference", "seed_demo"]
    steps.clear()
    startup.prepare(lambda _line: None)
    assert "seed_demo" not in steps


@pytest.mark.django_db
def test_demo_world_cut_off_in_the_middle_is_built_again(steps, settings, monkeypatch):
    settings.DEMO = True
    record = startup.call_command

    def cut_off(name, **options):
        if name == "seed_demo":
            get_user_model().objects.create(username="teacher", is_demo=True)
            raise KeyboardInterrupt
        record(name, **options)

    with monkeypatch.context() as patch:
        patch.setattr(startup, "call_command", cut_off)
        with pytest.raises(KeyboardInterrupt):
            startup.prepare(lambda _line: None)
    assert not get_user_model().objects.exists()
    startup.prepare(lambda _line: None)
    assert steps[-1] == "seed_demo"


@pytest.mark.django_db
def test_mark_of_another_database_does_not_count(steps, settings, tmp_path):
    get_user_model().objects.create(username="teacher", is_demo=True)
    (tmp_path / "demo-world-built").write_text("postgresql:db:5432:elsewhere")
    assert not startup.demo_world_stands()


@pytest.mark.django_db
def test_a_folder_that_was_moved_keeps_its_demo_world(steps, settings, tmp_path, monkeypatch):
    get_user_model().objects.create(username="teacher", is_demo=True)
    (tmp_path / "demo-world-built").write_text("sqlite:::/where/it/was/dropout.sqlite3")
    monkeypatch.setattr(startup.connection, "vendor", "sqlite")
    assert not startup.demo_world_stands()  # the database lies elsewhere
    monkeypatch.setitem(startup.connection.settings_dict, "NAME", str(tmp_path / "dropout.sqlite3"))
    assert startup.demo_world_stands()


@pytest.mark.django_db
def test_without_demo_mode_no_demo_world(steps, settings):
    settings.DEMO = False
    startup.prepare(lambda _line: None)
    assert steps == ["migrate", "createcachetable", "collectstatic", "load_reference"]


def test_static_files_are_collected_again_only_when_one_changed(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "app.css").write_text("a {}")
    settings.DATA_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    assert startup.collect_static()
    assert (settings.STATIC_ROOT / "app.css").read_text() == "a {}"
    assert not startup.collect_static()
    (source / "app.css").write_text("a { color: red }")
    assert startup.collect_static()
    assert (settings.STATIC_ROOT / "app.css").read_text() == "a { color: red }"
