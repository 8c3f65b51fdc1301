"""The compose file and the image: what a ministry's server will run, read as data."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
LONG_RUNNING = ["beat", "postgres", "redis", "web", "worker"]
SECRET_WORD = re.compile(r"PASSWORD|SECRET|_KEY|AUTH")
REQUIRED = re.compile(r"\$\{([A-Z_]+):\?")
EXAMPLE = dict(
    line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if re.match("[A-Z]", line)
)


def test_services_are_the_ones_the_issue_names():
    assert sorted(SERVICES) == sorted([*LONG_RUNNING, "migrate"])
    assert SERVICES["postgres"]["image"].startswith("postgres:16")
    assert SERVICES["redis"]["image"].startswith("redis:7")


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_long_running_service_is_watched_bounded_and_restarted(name):
    service = SERVICES[name]
    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])


def test_migrate_runs_once_and_everything_of_ours_waits_for_it():
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_every_secret_comes_from_the_environment_and_has_no_default():
    checked = 0
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if SECRET_WORD.search(name):
                assert REQUIRED.match(value), f"{name} is not required from the environment"
                checked += 1
            assert ":-" not in value or not SECRET_WORD.search(value)
    assert checked >= 3 * 4 + 2  # three of ours in migrate, web, worker and beat; PostgreSQL's and Redis'


def test_only_the_web_port_is_published_and_only_to_this_machine():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])


def test_data_outlives_the_containers_in_named_volumes():
    for name in ("postgres", "redis", "web", "worker", "beat"):
        sources = [volume.split(":")[0] for volume in SERVICES[name]["volumes"]]
        assert sources
        assert set(sources) <= set(COMPOSE["volumes"])


def test_example_environment_names_every_required_value_and_gives_none():
    asked = set(REQUIRED.findall((ROOT / "docker-compose.yml").read_text()))
    assert asked == {name for name, value in EXAMPLE.items() if not value}


def test_image_is_pinned_and_runs_as_nobody_special():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM")]
    assert bases
    assert all(re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base) for base in bases)
    users = [line.split()[1] for line in lines if line.startswith("USER")]
    assert users == ["dropout"]
    assert any("--require-hashes" in line for line in lines)


def validate(values):
    """docker-compose's own verdict on the file with these values in its environment."""
    command = [shutil.which("docker-compose"), "-f", str(ROOT / "docker-compose.yml"), "config", "-q"]
    return subprocess.run(
        command, env={"PATH": os.environ["PATH"], **values}, cwd="/", capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="needs docker-compose")
def test_docker_compose_accepts_it_filled_and_names_what_is_empty():
    filled = {name: value or "filled" for name, value in EXAMPLE.items()}
    assert validate(filled).returncode == 0
    refused = validate({**filled, "IDENTITY_SEAL_KEY": ""})
    assert refused.returncode != 0
    assert "Set IDENTITY_SEAL_KEY" in refused.stderr


def test_image_leaves_out_the_same_static_folders_as_serve():
    text = (ROOT / "Dockerfile").read_text()
    assert set(re.findall(r"--ignore (\S+)", text)) == set(settings.STATIC_UNUSED)
