"""Every number of a dashboard opens exactly the children it counts, also where the two trees of units cross."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from schools.models import District
from schools.thaitime import bangkok_today, thai_date


@pytest.fixture
def late(make_case):
    """late(place): a child whose first visit is overdue."""
    return lambda place, name="สาย สมมุติ": make_case(place, name=name, listed_on=bangkok_today() - timedelta(days=60))


def thai_day(days):
    """The day so many days from today, as it is typed."""
    return thai_date(bangkok_today() + timedelta(days=days), "numeric")


def rows_of(client, unit, by=""):
    page = client.get(reverse("reports:dashboard", args=[unit]), {"by": by} if by else {})
    return page.context["table"]


def children_at(client, address):
    return {row["case"] for row in client.get(address).context["rows"]}


def test_an_overdue_number_of_the_table_opens_exactly_those_children(client, cast, make_case, late):
    mine, other = late(cast.own_school), late(cast.sister_school)
    make_case(cast.own_school, name="ทัน สมมุติ", listed_on=bangkok_today())
    client.force_login(cast.district)
    table = rows_of(client, "district:P4603")
    lines = {row["name"]: row for row in table["rows"]}
    assert lines[cast.own_school.name_th]["overdue"] == 1
    assert children_at(client, lines[cast.own_school.name_th]["overdue_url"]) == {mine}
    assert children_at(client, table["sum"]["overdue_url"]) == {mine, other}
    body = client.get(reverse("reports:dashboard", args=["district:P4603"])).content.decode()
    assert lines[cast.own_school.name_th]["overdue_url"].replace("&", "&amp;") in body


def test_children_without_a_school_are_counted_and_opened_office_by_office(client, cast, late):
    first, second = late(cast.own_school.district), late(cast.other_district_school.district)
    client.force_login(cast.province)
    unassigned = [row for row in rows_of(client, "province:46", "school")["rows"] if row["overdue"]]
    assert [row["overdue"] for row in unassigned] == [1, 1]
    assert [children_at(client, row["overdue_url"]) for row in unassigned] in ([{first}, {second}], [{second}, {first}])
    assert all(len(children_at(client, row["cells"][0]["url"])) == 1 for row in unassigned)


def test_a_department_of_a_province_opens_its_children_of_that_province_alone(client, cast, late):
    here = late(cast.own_school)
    late(cast.south_school)  # of the same department, in another province
    client.force_login(cast.ministry)
    (row,) = rows_of(client, "province:46", "department")["rows"]
    assert (row["overdue"], row["cells"][0]["n"]) == (1, 1)
    assert children_at(client, row["overdue_url"]) == {here}
    assert children_at(client, row["cells"][0]["url"]) == {here}
    page = client.get(row["cells"][0]["url"])
    assert (page.context["counted"], page.context["part"].label) == (1, "สพฐ.")


def test_a_province_officer_may_open_the_numbers_of_what_is_only_partly_hers(client, cast, late):
    here = late(cast.own_school)
    late(cast.south_school)
    client.force_login(cast.province)
    (row,) = rows_of(client, "province:46", "department")["rows"]
    assert row["url"] == ""  # the department's own page is not hers
    assert children_at(client, row["cells"][0]["url"]) == {here}


def test_an_office_over_two_provinces_opens_its_unassigned_province_by_province(client, cast, late):
    office = District.objects.filter(provinces__isnull=False).exclude(kind="tray").order_by("pk")
    office = next(one for one in office if one.provinces.count() > 1)
    case = late(office)
    client.force_login(cast.ministry)
    unit = f"district:{office.code}"
    (row,) = rows_of(client, unit)["rows"]
    assert f"part=province%3A{case.province_id}" in row["overdue_url"]
    assert children_at(client, row["overdue_url"]) == {case}


@pytest.mark.parametrize("part", ["district:none", "?", "school:"])
def test_an_unknown_part_is_not_found(client, cast, part):
    client.force_login(cast.ministry)
    assert client.get(reverse("reports:children", args=["nation"]), {"part": part}).status_code == 404


def test_a_part_never_widens_what_a_person_sees(client, cast, late):
    late(cast.south_school)
    mine = late(cast.own_school)
    client.force_login(cast.district)
    for part in ("nation", "department:obec", "district:P4603"):
        address = reverse("reports:children", args=["district:P4603"]) + f"?figure=target&part={part}"
        assert children_at(client, address) == {mine}
    assert children_at(client, reverse("cases:case_list") + "?unit=nation&part=province:81") == set()


def test_waiting_tile_and_province_table_open_what_they_count(client, cast, make_case, late):
    waiting = late(cast.own_school.district)
    make_case(cast.own_school)
    client.force_login(cast.ministry)
    page = client.get(reverse("reports:dashboard", args=["nation"])).context
    tile = next(tile for tile in page["tiles"] if tile["label"] == "รอมอบหมายโรงเรียน")
    assert (tile["figure"], children_at(client, tile["url"])) == (1, {waiting})
    (province,) = page["map"]["rows"]
    assert len(children_at(client, province["target_url"])) == province["target"] == 2


def test_who_drills_in_the_past_stays_in_the_past(client, cast, make_case):
    make_case(cast.own_school, listed_on=bangkok_today() - timedelta(days=60))
    client.force_login(cast.ministry)
    page = client.get(reverse("reports:dashboard", args=["nation"]), {"day": thai_day(-30)})
    moment = {"as_of": page.context["as_of"].isoformat()}
    assert not page.context["is_now"]
    (row,) = page.context["table"]["rows"]
    (bubble,) = page.context["map"]["rows"]
    there = f"{reverse('reports:dashboard', args=['province:46'])}?{urlencode(moment)}"
    assert (row["url"], bubble["url"]) == (there, there)
    assert client.get(there).context["as_of"] == page.context["as_of"]
    assert client.get(page.context["table"]["sum"]["cells"][0]["url"]).context["back_url"].endswith(urlencode(moment))


def test_the_trend_of_a_past_day_ends_before_it(client, cast, make_case):
    make_case(cast.own_school, listed_on=bangkok_today() - timedelta(days=60))
    client.force_login(cast.ministry)
    address = reverse("reports:dashboard", args=["nation"])
    now, then = client.get(address), client.get(address, {"day": thai_day(-30)})
    newest = [page.context["trend"]["rows"][0]["day"] for page in (now, then)]
    assert newest[0] not in [row["day"] for row in then.context["trend"]["rows"]]
    assert newest[1] in [row["day"] for row in now.context["trend"]["rows"]]


def test_the_way_back_up_goes_through_what_the_reader_may_look_at(client, cast):
    def path(person, unit):
        client.force_login(person)
        return [step["label"] for step in client.get(reverse("reports:dashboard", args=[unit])).context["path"]]

    school = "school:46990001"
    district, province = cast.own_school.district.name_th, cast.own_school.province.name_th
    assert path(cast.ministry, school) == ["ทั้งประเทศ", province, district]
    assert path(cast.department, school) == ["สพฐ.", district]
    assert path(cast.district, school) == [district]
    assert path(cast.teacher, school) == []
    assert path(cast.ministry, "nation") == []


@pytest.mark.parametrize(
    ("typed", "said"), [("32/13/2569", "32/13/2569"), (thai_day(9), "อนาคต")], ids=["no-day", "future"]
)
def test_a_day_that_cannot_be_shown_is_refused_beside_the_figures_of_now(client, cast, make_case, typed, said):
    make_case(cast.own_school)
    client.force_login(cast.district)
    page = client.get(reverse("reports:dashboard", args=["district:P4603"]), {"day": typed})
    assert (page.status_code, page.context["is_now"], page.context["counts"]["target"]) == (400, True, 1)
    assert said in page.content.decode() and f'value="{typed}"' in page.content.decode()


def test_what_was_proven_is_said_in_the_words_of_the_figures(client, cast, make_case):
    make_case(cast.own_school)
    client.force_login(cast.district)
    sentences = client.get(reverse("reports:dashboard", args=["district:P4603"])).context["sentences"]
    assert sentences[0] == "เป้าหมาย = รอเริ่ม + อยู่ระหว่างติดตาม + พบตัว + ไม่พบตัว: 1 / 1 ✓"
    assert not [line for line in sentences if re.search("[A-Za-z]", line.replace("Covid-19", ""))]
