import time
from datetime import timedelta

import pytest
from django.urls import reverse

from dropout.testing import PASSWORD
from schools import invitations
from schools.models import Person, Posting
from schools.scope import postings_of
from schools.tests.asking import asking, everything
from schools.thaitime import bangkok_today

pytestmark = pytest.mark.django_db
OWN = "school:46990001"
NEW = {
    "username": "kru.new",
    "first_name": "ใหม่",
    "last_name": "มาแล้ว",
    "role": "teacher",
    "unit": OWN,
}


@pytest.fixture
def fresh(client):
    """fresh(person) → a client whose password was just given."""

    def log_in(person):
        client.post("/login/", {"login": person.username, "password": PASSWORD})
        return client

    return log_in


def offered(form) -> set[str]:
    """The units in the menu of a form, whatever group they stand in."""
    groups = [
        options if isinstance(options, list) else [(one, options)] for one, options in form.fields["unit"].choices
    ]
    return {value for options in groups for value, _ in options if value}


def names(page) -> set[str]:
    return {row["person"].username for row in page.context["rows"]}


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("director", {"teacher", "director"}),
        ("district", {"teacher", "director", "sister_teacher", "district"}),
        ("province", {"province"}),
        ("department", {"department", "district", "south_district"}),
    ],
)
def test_each_level_lists_its_own_unit_and_the_level_below(cast, client, who, expected):
    client.force_login(getattr(cast, who))
    assert names(client.get("/people/")) == expected


def test_the_list_is_narrowed_by_words_unit_role_and_state(cast, client):
    client.force_login(cast.district)
    invitations.invite(
        "kru.new", by=cast.district, role="teacher", unit="school:46990002", first_name="ใหม่", last_name="มาแล้ว"
    )
    for asked, expected in (
        ({"q": "ขวัญใจ"}, {"sister_teacher"}),
        ({"q": "สมมุติครู teacher"}, {"teacher", "sister_teacher"}),
        ({"q": "พร"}, set()),
        ({"unit": "46990002"}, {"sister_teacher", "kru.new"}),
        ({"unit": "๔๖๙๙๐๐๐๒"}, {"sister_teacher", "kru.new"}),
        ({"unit": "ทุ่งสมมุติ"}, {"teacher", "director"}),
        ({"unit": "ไม่มีที่นี่"}, set()),
        ({"unit": "school:81990001"}, set()),
        ({"role": "director"}, {"director"}),
        ({"state": "invited"}, {"kru.new"}),
        ({"state": "due"}, set()),
    ):
        assert names(client.get("/people/", asked)) == expected, asked
    assert client.get("/people/", {"role": "king"}).status_code == 400


def test_those_due_are_told_and_confirmed_together(cast, client):
    Posting.objects.exclude(person=cast.director).update(confirmed_on="2020-01-01")
    client.force_login(cast.director)
    page = client.get("/people/")
    assert page.context["due"] == 1
    assert names(client.get("/people/?state=suspended")) == {"teacher"}
    chosen = [row["posting"].pk for row in page.context["rows"]]
    answer = client.post("/people/confirm/", {"posting": chosen}, follow=True)
    assert "ยืนยันแล้ว 1 ตำแหน่ง" in answer.content.decode()
    assert client.get("/people/").context["due"] == 0


# ── inviting ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_invitation_shows_its_link_once_to_the_inviter(cast, fresh):
    client = fresh(cast.director)
    answer = client.post("/people/new/", NEW)
    link = answer.context["rows"][0]["link"]
    assert answer.status_code == 200
    assert link.startswith("http://testserver/invitations/")
    assert link in answer.content.decode()
    posting = Posting.objects.get(person__username="kru.new")
    assert link not in client.get(f"/postings/{posting.pk}/").content.decode()
    again = client.post("/people/links/", {"posting": posting.pk})
    assert again.context["rows"][0]["link"] != link


def test_roles_are_given_only_with_the_password_fresh(cast, client):
    client.force_login(cast.director)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 660}]
    session.save()
    posting = cast.teacher.postings.get()
    for path, data in (("/people/new/", NEW), (f"/postings/{posting.pk}/change/", {"role": "teacher"})):
        answer = client.post(path, data)
        assert answer["Location"].startswith("/account/password-again/")
    assert not Person.objects.filter(username="kru.new").exists()


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(cast, fresh):
    client = fresh(cast.director)
    answer = client.post("/people/new/", NEW | {"username": "ครู ไก่", "first_name": "กานดา"})
    assert answer.status_code == 400
    assert "username" in answer.context["form"].errors
    assert 'value="กานดา"' in answer.content.decode()
    ended = client.post("/people/new/", NEW | {"since": "1/1/2570", "until": "1/1/2569"})
    assert "until" in ended.context["form"].errors
    assert not Person.objects.filter(username="kru.new").exists()


def test_no_unit_is_taken_for_chosen_and_a_wrong_kind_is_named_in_words(cast, fresh):
    client = fresh(cast.district)
    chosen_first = client.get("/people/new/").context["form"].fields["unit"].choices[0]
    assert chosen_first == ("", "เลือกหน่วยงาน")
    assert "unit" in client.post("/people/new/", NEW | {"unit": ""}).context["form"].errors
    wrong = client.post("/people/new/", NEW | {"role": "teacher", "unit": "district:P4603"})
    (said,) = wrong.context["form"].errors["unit"]
    assert said == "บทบาท “ครู” ประจำหน่วยงานชนิด “เขตพื้นที่” ไม่ได้ เลือกหน่วยงานชนิด: สถานศึกษา"


def test_the_menu_offers_only_what_one_may_give(cast, client):
    client.force_login(cast.district)
    form = client.get("/people/new/").context["form"]
    assert [value for value, _ in form.fields["role"].choices] == ["teacher", "director", "district"]
    units = offered(form)
    assert units == {"district:P4603", "school:46990001", "school:46990002"}
    client.force_login(cast.ministry)
    units = offered(client.get("/people/new/").context["form"])
    assert {"nation", "region:12", "province:46", "department:obec", "partner:eef"} <= units
    assert not any(unit.startswith("school") for unit in units)


# ── one posting ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_posting_is_changed_and_ended_on_its_page(cast, fresh):
    client = fresh(cast.district)
    posting = cast.teacher.postings.get()
    last = bangkok_today() + timedelta(days=30)
    typed = f"{last.day}/{last.month}/{last.year + 543}"
    client.post(f"/postings/{posting.pk}/change/", {"role": "teacher", "until": typed, "read_only": "on"})
    posting.refresh_from_db()
    assert (posting.until, posting.read_only) == (last, True)
    moved = client.post(f"/postings/{posting.pk}/change/", {"role": "director", "until": "", "read_only": ""})
    now = Posting.objects.get(person=cast.teacher, cut_at=None)
    assert moved["Location"] == f"/postings/{now.pk}/"
    assert (now.role, now.until, now.read_only) == ("director", None, False)
    assert client.post(f"/postings/{now.pk}/end/", {"on": "1/1/2500"}).status_code == 400
    assert client.post(f"/postings/{now.pk}/end/", {"on": ""}).status_code == 302
    assert postings_of(Person.objects.get(pk=cast.teacher.pk)) == []
    assert client.post(f"/postings/{now.pk}/end/", {"on": ""}).status_code == 409


def test_ones_own_posting_is_shown_without_the_forms(cast, client):
    client.force_login(cast.district)
    page = client.get(f"/postings/{cast.district.postings.get().pk}/").content.decode()
    assert "ตำแหน่งของท่านเอง" in page
    assert "/end/" not in page


# ── for programs ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_program_invites_lists_changes_confirms_and_ends(cast):
    api = asking(cast.district)
    made = api.post("/api/v1/people/", NEW | {"read_only": True}).json()
    assert made["new_person"] and "/invitations/" in made["link"]
    assert made["posting"] | {"id": 0, "since": "", "confirmed_on": ""} == {
        "id": 0,
        "person": "kru.new",
        "name": "ใหม่ มาแล้ว",
        "role": "teacher",
        "unit": OWN,
        "unit_name": "โรงเรียนบ้านทุ่งสมมุติ",
        "since": "",
        "until": None,
        "read_only": True,
        "confirmed_on": "",
        "state": "invited",
        "may_change": True,
    }
    number = made["posting"]["id"]
    assert [row["id"] for row in everything(api, "/api/v1/postings/", state="invited")] == [number]
    assert len(everything(api, "/api/v1/postings/", page_size=1)) == 5
    changed = api.patch(f"/api/v1/postings/{number}/", {"read_only": False}).json()
    assert (changed["id"], changed["read_only"]) == (number, False)
    assert api.post("/api/v1/postings/confirm/", {"postings": [number]}).json() == {"confirmed": 0}
    link = api.post("/api/v1/invitations/", {"person": "kru.new"}).json()["link"]
    assert link != made["link"]
    assert api.post(f"/api/v1/postings/{number}/end/", {}).json()["state"] == "ended"
    refused = api.patch(f"/api/v1/postings/{number}/", {"role": "director"})
    assert refused.status_code == 409


def test_a_browsers_session_gives_no_role_by_the_api_with_a_stale_password(cast, client):
    client.force_login(cast.district)
    answer = client.post(reverse("api:people"), NEW, content_type="application/json")
    assert answer.status_code == 403
    assert not Person.objects.filter(username="kru.new").exists()


@pytest.mark.parametrize("asked", [{"state": "gone"}, {"role": "king"}, {"unknown": "1"}])
def test_a_program_is_told_what_cannot_be_asked(cast, asked):
    assert asking(cast.district).get("/api/v1/postings/", asked).status_code == 400
