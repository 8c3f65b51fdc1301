"""Every page of every role: nothing axe calls serious, no sideways scroll, nothing under the bar, few bytes."""

import pytest

from dropout.tests.browser.conftest import DESK, PHONE
from dropout.tests.browser.judging import judged, too_wide

pytestmark = pytest.mark.browser

FOUND, TRACKING = 3, 2
OWN_SCHOOL = "/dashboard/school:46990001/"
OFFICE = ("/imports/", "/imports/new/", "/exports/", "/audit/")
PAGES = {
    None: ("/login/", "/privacy/", "/nowhere/"),
    "teacher": (
        "/",
        "/?tab=all",
        "/cases/",
        "/cases/{tracking}/",
        "/cases/{found}/",
        "/cases/{found}/enrolment/",
        "/cases/{found}/do/amend_child/",
        "/checks/",
        "/account/",
        "/account/password/",
        OWN_SCHOOL,
        "/audit/",  # refused
        "/cases/7Q2K-M4TX/",  # not there
    ),
    "director": ("/", "/desk/", "/cases/{tracking}/teacher/", "/cases/{tracking}/reveal/", "/audit/"),
    "district": (
        "/",
        "/cases/",
        "/cases/?q=ไม่มีใครชื่อนี้",
        "/cases/{tracking}/assign/",
        "/desk/",
        "/desk/?tab=incoming",
        "/dashboard/district:P4603/",
        "/figures/district:P4603/children/?figure=found",
        "/checks/",
        *OFFICE,
    ),
    "province": ("/dashboard/province:46/", "/cases/", "/checks/"),
    "department": ("/dashboard/department:obec/", "/imports/"),
    "ministry": ("/dashboard/nation/", "/dashboard/region:12/", "/exports/"),
    "partner": ("/", "/account/"),
    "auditor": ("/", "/audit/"),
    "admin": ("/", "/account/"),
}
BILINGUAL = (403, 404)  # these pages say it in both languages
FIRST_LOAD, LATER = 150 * 1024, 30 * 1024


@pytest.fixture
def addresses(site):
    """The paths of a role with the case numbers put in."""
    rows = dict(
        site.ask(
            "SELECT c.stage, min(c.number) FROM cases_case c JOIN schools_school s ON s.id = c.school_id "
            "WHERE s.code = '46990001' GROUP BY c.stage"
        )
    )
    return lambda role: [path.format(tracking=rows[TRACKING], found=rows[FOUND]) for path in PAGES[role]]


@pytest.mark.parametrize("role", PAGES)
def test_pages_hold_on_a_phone_in_thai_by_day_and_on_a_desk_in_english_by_night(role, addresses, open_page):
    faults = []
    for size, options in (
        (PHONE, {"color_scheme": "light"}),
        (DESK, {"color_scheme": "dark", "locale": "en-US"}),
    ):
        page = open_page(role, size, **options)
        for path in addresses(role):
            answer = page.goto(path)
            wanted = "th" if size is PHONE else "en"
            if answer.status not in BILINGUAL and page.get_attribute("html", "lang") != wanted:
                faults.append(f"in another language: {path}")
            faults += judged(page)
            for width in (320, 768):
                page.set_viewport_size({"width": width, "height": 740})
                faults += too_wide(page)
            page.set_viewport_size(size)
    assert faults == []


def test_first_load_and_later_pages_keep_their_budget_of_bytes(site, addresses, open_page):
    page = open_page("teacher", PHONE)
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes = []
    wire.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    heavy = {}
    for n, path in enumerate(("/", *addresses("teacher"))):
        sizes.clear()
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert sizes
        if sum(sizes) > (LATER if n else FIRST_LOAD):
            heavy[path] = sum(sizes)
    assert heavy == {}
