"""The pictures the README shows, taken of the demo world: `make screenshots` writes docs/screenshots/*.png."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image

from cases.tests.sheetmaker import child, xlsx
from dropout.tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
LARGEST = 200 * 1024
TALLEST = {"phone": 1500, "desk": 1800}  # px; nobody reads a longer picture


@pytest.fixture
def folder(tmp_path) -> Path:
    """Where the pictures go: into the project only when asked (SCREENSHOTS=1), else nowhere that stays."""
    return Path(settings.BASE_DIR) / "docs/screenshots" if os.environ.get("SCREENSHOTS") == "1" else tmp_path


def take(page, folder: Path, name: str) -> None:
    """The page as a window as tall as itself shows it: a fixed bar then stands where it belongs, at the end."""
    width = page.viewport_size["width"]
    longest = TALLEST["phone" if width < 640 else "desk"]
    tall = page.evaluate("Math.max(document.documentElement.scrollHeight, 720)")
    page.set_viewport_size({"width": width, "height": min(tall, longest)})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path)
    # 256 colours tell a page of flat colours as well, at a third of the size; the rare ones (mango) must be among them
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    assert path.stat().st_size < LARGEST, name


def test_screenshot_of_each_page_the_readme_shows(site, open_page, tmp_path, folder):
    page = open_page(None, DESK)
    page.goto("/login/")
    take(page, folder, "login-1440")

    number = site.take_case(2)
    teacher = open_page("teacher", PHONE)
    for name, path in (
        ("home-360", "/"),
        ("case-360", f"/cases/{number}/"),
        ("visit-360", f"/cases/{number}/visits/new/"),
    ):
        teacher.set_viewport_size(PHONE)
        teacher.goto(path)
        if name == "visit-360":
            teacher.locator("label:has(> input[name=finding][value='1'])").click()
        take(teacher, folder, name)

    for role, name, path in (
        ("district", "district-1440", "/dashboard/district:P4603/"),
        ("ministry", "ministry-1440", "/dashboard/nation/"),
    ):
        officer = open_page(role, DESK)
        officer.goto(path)
        take(officer, folder, name)

    rows = [child(870_000 + n) for n in range(24)]
    rows[3]["วันเกิด"] = "31/02/2556"
    rows[9]["เลขประจำตัวประชาชน"] = "1234567890123"
    officer = open_page("district", DESK)
    officer.goto("/imports/")
    officer.set_input_files("input[type=file]", xlsx(tmp_path / "บัญชีเด็กออกกลางคัน 2-2569.xlsx", rows))
    officer.get_by_role("button", name="ตรวจไฟล์").click()
    officer.get_by_role("heading", name="ผลตรวจก่อนนำเข้า").wait_for(timeout=60_000)
    take(officer, folder, "import-1440")
