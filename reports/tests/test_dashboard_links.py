"""Every number of a dashboard opens exactly the children it counts, also where the two trees of units cross."""

from datetime import timedelta

import pytest
from django.urls import reverse

from schools.models import District
from schools.thaitime import bangkok_today


@pytest.fixture
def late(make_case):
    """late(place): a child whose first visit is overdue."""
    return lambda place, name="สาย สมมุติ": make_case(place, name=name, listed_on=bangkok_today() - timedelta(days=60))


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
