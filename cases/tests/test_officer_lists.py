"""An officer's lists: the queue as a table, units by name, bulk work that comes back, schools that can be found."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.routing import assign_case
from schools.models import School
from schools.thaitime import bangkok_today

LIST = reverse("cases:case_list")


@pytest.fixture
def waiting(cast, make_case):
    """Three children of the district who wait for a school."""
    return [make_case(cast.own_school.district, name=f"รอ{n} สมมุติ") for n in range(3)]


def shown(page) -> list[str]:
    return [str(message) for message in page.context["messages"]]


# ── the queue ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_home_of_an_officer_is_a_table_to_choose_from_and_a_teachers_is_cards(client, cast, make_case):
    case = make_case(cast.own_school)
    client.force_login(cast.district)
    page = client.get("/", {"tab": "all"})
    assert ([row["case"] for row in page.context["rows"]], page.context["cards"]) == ([case], [])
    assert f'value="{case.number}" data-bulk-item' in page.content.decode()
    for who in (cast.teacher, cast.director):
        client.force_login(who)
        page = client.get("/", {"tab": "all"})
        assert (page.context["rows"], len(page.context["cards"])) == ([], 1)


def test_the_notice_of_the_queue_opens_those_who_wait(client, cast, waiting, make_case):
    make_case(cast.own_school)
    client.force_login(cast.district)
    body = client.get("/").content.decode()
    assert "รอมอบหมายโรงเรียน 3 คน" in body
    assert f'href="{reverse("cases:desk")}"' in body
    assert client.get(reverse("cases:desk")).context["total"] == 3


# ── the register ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_register_says_how_many_and_calls_units_by_their_names(client, cast, waiting, make_case):
    make_case(cast.other_district_school)
    client.force_login(cast.province)
    page = client.get(LIST, {"unit": "district:P4603", "part": "province:46"})
    assert (page.context["total"], page.context["narrowed"]) == (3, ["สพป.กาฬสินธุ์ เขต 3", "กาฬสินธุ์"])
    body = page.content.decode()
    assert '<span class="chip">สพป.กาฬสินธุ์ เขต 3</span>' in body
    assert '<input type="hidden" name="part" value="province:46">' in body  # another filter keeps it
    assert client.get(LIST).context["total"] == 4


def test_a_unit_nobody_knows_finds_nothing(client, cast, waiting):
    client.force_login(cast.district)
    page = client.get(LIST, {"unit": "district:<b>"})
    assert (page.context["total"], page.context["narrowed"]) == (0, ["district:<b>"])
    assert "<b>" not in page.content.decode().partition("<main")[2].partition("ล้างตัวกรอง")[0]


def test_a_long_register_is_counted_no_further_than_it_tells(client, cast, waiting, monkeypatch):
    monkeypatch.setattr("cases.views.files.COUNTED", 2)
    client.force_login(cast.district)
    assert "มากกว่า 2 คน" in client.get(LIST).content.decode()


def test_a_district_narrows_its_register_to_one_of_its_schools_with_children(client, cast, waiting, make_case):
    mine = make_case(cast.own_school)
    client.force_login(cast.district)
    page = client.get(LIST)
    offered = [code for code, _ in page.context["filter"].form.fields["school"].choices]
    assert offered == ["", "none", cast.own_school.code]  # not the sister school, which has no child
    narrowed = client.get(LIST, {"school": cast.own_school.code})
    assert [row["case"] for row in narrowed.context["rows"]] == [mine]
    client.force_login(cast.province)
    assert [code for code, _ in client.get(LIST).context["filter"].form.fields["school"].choices] == ["", "none"]


# ── bulk assignment ───────────────────────────────────────────────────────────────────────────────────────────────
def test_after_bulk_assignment_the_same_list_says_how_many_were_done_and_passed_over(client, cast, waiting):
    there = assign_case(waiting[0], cast.own_school, person=cast.district)
    client.force_login(cast.district)
    left = f"{LIST}?school=none&due=all"
    chosen = {"case": [case.number for case in waiting], "next": left}
    preview = client.post(reverse("cases:assign_many"), chosen)
    assert f'name="next" value="{left.replace("&", "&amp;")}"' in preview.content.decode()
    done = client.post(reverse("cases:assign_many"), chosen | {"school": cast.own_school.pk, "confirm": "1"})
    assert done["Location"] == left
    told = shown(client.get(left))
    assert told[0].startswith("มอบหมาย 2 คน")
    assert told[1].startswith("ข้าม 1 คน:") and there.number in told[1]


def test_nothing_is_called_done_when_all_were_passed_over(client, cast, waiting):
    assign_case(waiting[0], cast.own_school, person=cast.district)
    client.force_login(cast.district)
    chosen = {"case": [waiting[0].number], "school": cast.own_school.pk}
    told = shown(client.post(reverse("cases:assign_many"), chosen, follow=True))
    assert len(told) == 1 and told[0].startswith("ข้าม 1 คน:")


@pytest.mark.parametrize("address", ["https://example.org/", "//example.org/", "javascript:alert(1)", "cases", ""])
def test_a_bulk_action_goes_back_to_pages_of_this_site_alone(client, cast, waiting, address):
    client.force_login(cast.district)
    chosen = {"case": [waiting[0].number], "school": cast.own_school.pk, "next": address}
    assert client.post(reverse("cases:assign_many"), chosen)["Location"] == LIST
    assert client.post(reverse("cases:assign_many"), {"next": address})["Location"] == LIST


# ── which school ──────────────────────────────────────────────────────────────────────────────────────────────────
def choices(page) -> list[str]:
    return [school.name_th for school, _hint in page.context["offer"].schools]


@pytest.fixture
def many_schools(cast):
    """Thirty further schools of the district, so that there is something to search."""
    template = cast.own_school
    School.objects.bulk_create(
        School(
            code=f"46998{n:03d}",
            name_th=f"โรงเรียนแถวที่ {n}",
            search=f"แถวที{n}",
            sort_key=f"ก{n:03d}",
            district=template.district,
            province_id=46,
            amphoe_id=4601,
        )
        for n in range(30)
    )


def test_schools_near_the_child_come_first_and_say_why(client, cast, make_case, many_schools):
    case = make_case(cast.own_school.district, tambon_id=460502, amphoe_id=4605, province_id=46)
    client.force_login(cast.district)
    page = client.get(reverse("cases:assign", args=[case.number]))
    assert choices(page) == [cast.sister_school.name_th, cast.own_school.name_th]
    hints = [hint for _school, hint in page.context["offer"].schools]
    assert hints[0].startswith("ตำบลเดียวกับบ้านเด็ก") and hints[1].startswith("อำเภอเดียวกับบ้านเด็ก")
    assert "จาก 32 โรงเรียน" in page.content.decode()


@pytest.mark.parametrize("words", ["บ้านดอน", "ร.ร.บ้านดอน", "46990002", "๔๖๙๙๐๐๐๒"])
def test_a_school_is_found_by_its_name_or_code_within_ones_scope(client, cast, waiting, many_schools, words):
    client.force_login(cast.district)
    page = client.get(reverse("cases:assign", args=[waiting[0].number]), {"q": words})
    assert choices(page) == [cast.sister_school.name_th]
    foreign = client.get(reverse("cases:assign", args=[waiting[0].number]), {"q": "บ้านเกาะ"})
    assert choices(foreign) == [] and "ไม่พบโรงเรียนที่ตรงกับ" in foreign.content.decode()


def test_any_school_of_the_scope_is_taken_whether_it_was_offered_or_not(client, cast, waiting, many_schools):
    client.force_login(cast.district)
    address = reverse("cases:assign", args=[waiting[0].number])
    assert cast.sister_school.name_th not in choices(client.get(address))
    assert client.post(address, {"school": cast.sister_school.pk}).status_code == 302
    assert (
        client.post(reverse("cases:assign", args=[waiting[1].number]), {"school": cast.south_school.pk}).status_code
        == 400
    )


def test_looking_for_a_school_assigns_nothing_and_keeps_those_chosen(client, cast, waiting, many_schools):
    client.force_login(cast.district)
    chosen = {"case": [case.number for case in waiting], "next": LIST, "reason": "ใกล้บ้าน"}
    asked = chosen | {"q": "บ้านดอน", "find": "1", "school": cast.own_school.pk}
    page = client.post(reverse("cases:assign_many"), asked)
    assert (page.status_code, choices(page)) == (200, [cast.sister_school.name_th])
    assert page.context["numbers"] == chosen["case"] or set(page.context["numbers"]) == set(chosen["case"])
    assert 'value="ใกล้บ้าน"' in page.content.decode()
    waiting[0].refresh_from_db()
    assert waiting[0].school is None


def test_confirming_without_a_school_says_so(client, cast, waiting):
    client.force_login(cast.district)
    page = client.post(reverse("cases:assign_many"), {"case": [waiting[0].number], "confirm": "1"})
    assert page.status_code == 400 and page.context["form"].errors["school"]


def test_the_bulk_suggestions_say_how_many_of_the_children_live_there(client, cast, make_case):
    homes = (460501, 460501, 460502)
    cases = [make_case(cast.own_school.district, tambon_id=home, amphoe_id=4605, province_id=46) for home in homes]
    client.force_login(cast.district)
    page = client.post(reverse("cases:assign_many"), {"case": [case.number for case in cases]})
    first, second = page.context["offer"].schools[:2]
    assert first[0] == cast.own_school and first[1].startswith("ตำบลเดียวกับเด็ก 2 จาก 3 คน")
    assert second[0] == cast.sister_school and second[1].startswith("ตำบลเดียวกับเด็ก 1 จาก 3 คน")


def test_the_queue_table_says_last_visit_and_next_step(client, cast, make_case):
    make_case(cast.own_school, listed_on=bangkok_today() - timedelta(days=60))
    client.force_login(cast.district)
    (row,) = client.get("/").context["rows"]
    assert (row["last"], row["visits"], row["next"], row["late_kind"]) == ("", 0, "ติดตามครั้งแรก", "bad")
