"""The command line: what it prints, what it exits with, and that a dry run or a refused commit writes nothing."""

import json

import pytest
from django.core.management import CommandError, call_command

from cases.codes import Stage
from cases.models import Case, Child, ChildList, Fact, ListEntry, ListVersion, Span
from cases.tests.sheetmaker import SISTER, SOUTH, child, xlsx

pytestmark = pytest.mark.django_db
KEYS = ["rows", "new", "changed", "unchanged", "gone", "refused", "refusals", "warnings"]


@pytest.fixture
def run(capsys):
    def run(path, *options, who="district", exits=0):
        if exits:
            with pytest.raises(SystemExit) as ended:
                call_command("import_children", str(path), "--as", who, "--json", *options)
            assert ended.value.code == exits
        else:
            call_command("import_children", str(path), "--as", who, "--json", *options)
        printed = json.loads(capsys.readouterr().out)
        assert list(printed)[:8] == KEYS
        return printed

    return run


def counts(result):
    return tuple(result[key] for key in KEYS[:6])


def test_dry_run_of_a_clean_list_tells_and_writes_nothing(cast, tmp_path, run):
    path = xlsx(tmp_path / "list.xlsx", [child(1), child(2), child(3, รหัสสถานศึกษา=SISTER)])
    result = run(path)
    assert counts(result) == (3, 3, 0, 0, 0, 0)
    assert result["refusals"] == []
    assert not Child.objects.exists()
    assert not ChildList.objects.exists()


def test_commit_opens_cases_at_the_schools_the_rows_name(cast, tmp_path, run):
    path = xlsx(tmp_path / "list.xlsx", [child(1), child(2), child(3, รหัสสถานศึกษา=SISTER)])
    assert counts(run(path, "--commit", "--list-date", "2022-02-28")) == (3, 3, 0, 0, 0, 0)
    assert Case.objects.filter(school=cast.own_school, stage=Stage.ASSIGNED).count() == 2
    assert Case.objects.filter(school=cast.sister_school).count() == 1
    assert ListVersion.objects.get().number == 1
    assert (ListEntry.objects.count(), Fact.objects.count(), Span.objects.count()) == (3, 3, 3)


def test_same_list_again_changes_nothing(cast, tmp_path, run):
    path = xlsx(tmp_path / "list.xlsx", [child(1), child(2)])
    run(path, "--commit", "--list-date", "2022-02-28")
    written = (Fact.objects.count(), Span.objects.count(), ListVersion.objects.count())
    assert counts(run(path, "--commit", "--list-date", "2022-02-28")) == (2, 0, 0, 2, 0, 0)
    assert (Fact.objects.count(), Span.objects.count(), ListVersion.objects.count()) == written


def test_one_refused_row_stops_the_commit_with_exit_1(cast, tmp_path, run):
    path = xlsx(tmp_path / "list.xlsx", [child(1), child(2, วันเกิด="31/02/2555")])
    result = run(path, "--commit", exits=1)
    assert counts(result) == (2, 1, 0, 0, 0, 1)
    assert [(one["row"], one["column"], one["code"]) for one in result["refusals"]] == [(3, "วันเกิด", "X43")]
    assert not Child.objects.exists()
    assert not ChildList.objects.exists()


def test_good_rows_land_when_asked(cast, tmp_path, run):
    path = xlsx(tmp_path / "list.xlsx", [child(1), child(2, รหัสสถานศึกษา=SOUTH)])
    result = run(path, "--commit", "--accept-good-rows")
    assert counts(result) == (2, 1, 0, 0, 0, 1)
    assert result["refusals"][0]["code"] == "X59"
    assert Child.objects.count() == 1


def test_file_that_is_no_sheet_is_refused_in_the_same_shape(cast, tmp_path, run):
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"\x00\x01\x02 nothing")
    result = run(path)
    assert result["rows"] == 0
    assert result["refusals"][0]["row"] is None
    assert run(path, "--commit", exits=1)["refusals"] == result["refusals"]


def test_teacher_may_not_import(cast, tmp_path):
    path = xlsx(tmp_path / "list.xlsx", [child(1)])
    with pytest.raises(CommandError, match="may not import"):
        call_command("import_children", str(path), "--as", "teacher")
