"""Rows written many at a time say what Django would have written one by one."""

from datetime import date

import pytest
from django.db import DataError, connection, transaction

from cases.intake.copying import rewrite
from cases.models import Case, Child, ListEntry
from cases.tests.sheetmaker import OWN, child, xlsx

pytestmark = pytest.mark.django_db
AWKWARD = "ก\"\\\t100% %s {x} '; --"


def test_rewriting_saves_the_named_fields_of_each_row_and_no_other(cast, make_case):
    cases = [make_case(cast.own_school, name=f"คน{n} สมมุติ") for n in range(3)]
    children = [case.child for case in cases]
    for n, one in enumerate(children):
        one.last_name, one.birth_date, one.moo = f"{AWKWARD}{n}", date(2015, 1, 1 + n), "not saved"
    children[2].birth_date = None
    rewrite(children[:1] + children[2:], ["last_name", "birth_date"])
    stored = {one.pk: (one.last_name, one.birth_date, one.moo) for one in Child.objects.all()}
    assert stored == {
        children[0].pk: (f"{AWKWARD}0", date(2015, 1, 1), ""),
        children[1].pk: ("สมมุติ", None, ""),
        children[2].pk: (f"{AWKWARD}2", None, ""),
    }


def test_rewriting_saves_relations_moments_and_json(cast, make_case, tmp_path):
    from cases.intake.importing import Request, commit

    path = xlsx(tmp_path / "list.xlsx", [child(1, รหัสสถานศึกษา=OWN)])
    commit(Request(cast.district, path, path.name))
    case, entry = Case.objects.get(), ListEntry.objects.get()
    case.school, case.teacher = cast.sister_school, None
    case.opened_at = case.opened_at.replace(microsecond=123_456)
    entry.data = {"ชื่อ": AWKWARD, "n": [1, None, {"x": True}]}
    rewrite([case], ["school", "teacher", "opened_at"])
    rewrite([entry], ["data"])
    kept = Case.objects.get()
    assert (kept.school, kept.teacher, kept.opened_at) == (cast.sister_school, None, case.opened_at)
    assert ListEntry.objects.get().data == entry.data


def test_rewriting_nothing_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        rewrite([], ["last_name"])


@pytest.mark.postgres
def test_a_text_that_is_too_long_is_refused_not_cut_off(cast, make_case):
    child = make_case(cast.own_school).child
    child.last_grade = "ก" * 2_000
    with pytest.raises(DataError), transaction.atomic():
        rewrite([child], ["last_grade"])
    assert connection.vendor == "postgresql" and Child.objects.get().last_grade == ""
