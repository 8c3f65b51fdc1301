"""Every action for every role in every stage, against a table typed by hand; and the page of docs/ made of the code.

The typed table is what cases.actions is judged by: nothing in it is computed. What else may bar an action in a case
of the right stage is told by the tests of its subject, so the bars are lifted here.
"""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.translation import override

from cases import actions
from cases.codes import Stage
from dropout.action_table import action_table
from dropout.management.commands.document_actions import PAGE

STAGES = (
    *("new", "assigned", "tracking", "found", "assisting", "returned_claimed", "returned_confirmed", "observing"),
    *("retained", "not_found", "closed", "void"),
)
ROLES = {
    "tea": "teacher",
    "dir": "director",
    "dst": "district",
    "pro": "province",
    "dep": "department",
    "min": "ministry",
    "par": "partner",
    "aud": "auditor",
    "adm": "admin",
}
# A may be done · x not in this stage (409) · . not for this role (403), in the order of STAGES
TABLE = """
#                    roles                            new asg trk fnd ast clm cnf obs ret nfd cls void
visit                tea,dir,dst                      A   A   A   A   A   A   A   A   A   A   A   x
visit                pro,dep,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
amend_child          tea,dir,dst                      A   A   A   A   A   A   A   A   A   A   x   x
amend_child          pro,dep,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
request_correction   tea,dir,dst                      A   A   A   A   A   A   A   A   A   A   A   x
request_correction   pro,dep,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
plan_help            tea,dir,dst                      x   x   x   A   A   x   x   x   x   x   x   x
plan_help            pro,dep,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
confer               tea,dir,dst                      A   A   A   A   A   A   A   A   A   A   x   x
confer               pro,dep,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
refer                dir,dst                          A   A   A   A   A   A   A   A   A   A   x   x
refer                tea,pro,dep,min,par,aud,adm      .   .   .   .   .   .   .   .   .   .   .   .
escalate             tea,dir,dst,pro,dep              A   A   A   A   A   x   x   x   x   A   x   x
escalate             min,par,aud,adm                  .   .   .   .   .   .   .   .   .   .   .   .
flag_unsafe          tea,dir,dst                      A   A   A   A   A   A   A   A   A   A   x   x
flag_unsafe          pro,dep,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
clear_unsafe         dir,dst                          A   A   A   A   A   A   A   A   A   A   x   x
clear_unsafe         tea,pro,dep,min,par,aud,adm      .   .   .   .   .   .   .   .   .   .   .   .
claim_enrolment      tea,dir,dst                      A   A   A   A   A   x   x   x   x   A   x   x
claim_enrolment      pro,dep,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
confirm_enrolment    dir,dst                          x   x   x   x   x   A   A   A   A   x   x   x
confirm_enrolment    tea,pro,dep,min,par,aud,adm      .   .   .   .   .   .   .   .   .   .   .   .
deny_enrolment       dir,dst                          x   x   x   x   x   A   A   A   A   x   x   x
deny_enrolment       tea,pro,dep,min,par,aud,adm      .   .   .   .   .   .   .   .   .   .   .   .
withdraw_enrolment   tea,dir,dst                      x   x   x   x   x   A   A   A   A   x   x   x
withdraw_enrolment   pro,dep,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
follow_up            tea,dir,dst                      x   x   x   x   x   x   A   A   A   x   x   x
follow_up            pro,dep,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
hand_over            tea,dir,dst                      x   x   x   x   x   x   A   A   A   x   x   x
hand_over            pro,dep,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
drop_again           tea,dir,dst                      x   x   x   A   x   x   A   A   A   x   A   x
drop_again           pro,dep,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
assign               dst,pro,dep                      A   A   A   A   A   x   x   x   x   A   x   x
assign               tea,dir,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
name_teacher         dir,dst                          A   A   A   A   A   A   A   A   A   A   x   x
name_teacher         tea,pro,dep,min,par,aud,adm      .   .   .   .   .   .   .   .   .   .   .   .
request_transfer     tea,dir,dst,pro,dep              A   A   A   A   A   x   x   x   x   A   x   x
request_transfer     min,par,aud,adm                  .   .   .   .   .   .   .   .   .   .   .   .
send_to_centre       tea,dir,dst,pro,dep              A   A   A   A   A   x   x   x   x   A   x   x
send_to_centre       min,par,aud,adm                  .   .   .   .   .   .   .   .   .   .   .   .
request_not_found    tea,dir,dst,pro,dep              x   x   A   x   x   x   x   x   x   x   x   x
request_not_found    min,par,aud,adm                  .   .   .   .   .   .   .   .   .   .   .   .
request_closing      tea,dir,dst,pro,dep              A   A   A   A   A   x   A   A   A   A   x   x
request_closing      min,par,aud,adm                  .   .   .   .   .   .   .   .   .   .   .   .
request_removal      tea,dir,dst,pro,dep              A   A   A   A   A   A   A   A   A   A   A   x
request_removal      min,par,aud,adm                  .   .   .   .   .   .   .   .   .   .   .   .
reopen               dst,pro,dep                      x   x   x   x   x   x   x   x   x   x   A   A
reopen               tea,dir,min,par,aud,adm          .   .   .   .   .   .   .   .   .   .   .   .
"""


def typed() -> dict[tuple[str, str, str], str]:
    """(action, role, stage) → A, x or . as typed. Raises ValueError for a line that is not one or stands twice."""
    found = {}
    for line in TABLE.strip().splitlines()[1:]:
        action, roles, *marks = line.split()
        for role in roles.split(","):
            for stage, mark in zip(STAGES, marks, strict=True):
                if (action, ROLES[role], stage) in found:
                    raise ValueError(f"Twice: {line}")
                found[action, ROLES[role], stage] = mark
    return found


def answered(case, person, slug: str) -> str:
    try:
        actions.may(case, person, slug)
    except PermissionDenied:
        return "."
    except actions.IllegalAction:
        return "x"
    return "A"


def test_the_typed_table_has_every_action_for_every_role_in_every_stage():
    assert {stage.name.lower() for stage in Stage} == set(STAGES)
    every = {(action.slug, role, stage) for action in actions.ACTIONS for role in ROLES.values() for stage in STAGES}
    assert set(typed()) == every


@pytest.mark.parametrize("slug", sorted(actions.BY_SLUG))
def test_an_action_is_allowed_to_each_role_in_each_stage_as_typed_and_no_other(cast, make_case, monkeypatch, slug):
    monkeypatch.setitem(actions.BY_SLUG, slug, replace(actions.BY_SLUG[slug], bar=None))
    case = make_case(cast.own_school)
    case.enrolled_school, case.claimed_by = cast.own_school, cast.sister_teacher
    told = {}
    for role in ROLES.values():
        for stage in STAGES:
            case.stage = Stage[stage.upper()]
            told[slug, role, stage] = answered(case, getattr(cast, role), slug)
    assert told == {key: mark for key, mark in typed().items() if key[0] == slug}


@pytest.mark.parametrize("who", ["sister_teacher", "south_director", "south_district", "south_province", "charlie"])
def test_nobody_outside_the_scope_may_do_anything_in_any_stage(cast, make_case, who):
    case = make_case(cast.own_school)
    for stage in Stage:
        case.stage = stage
        assert {answered(case, getattr(cast, who), slug) for slug in actions.BY_SLUG} == {"."}


def test_the_page_of_the_documentation_is_the_one_the_command_writes():
    with override("th"):
        assert PAGE.read_text(encoding="utf-8") == action_table(), "run manage.py document_actions"


def test_the_page_says_of_every_action_role_and_stage_what_was_typed():
    marks = {"A": "✓", "x": "409", ".": "403"}
    page, written = PAGE.read_text(encoding="utf-8"), {}
    for part in page.split("\n## ")[1:]:
        slug = part.split("`")[1]
        lines = [line for line in part.splitlines() if line.startswith("|")]
        roles = [cell.split("`")[1] for cell in lines[0].strip("|").split("|")[1:]]
        for line in lines[2:]:
            stage, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            written |= {(slug, role, stage.split()[0]): cell for role, cell in zip(roles, cells, strict=True)}
    assert written == {key: marks[mark] for key, mark in typed().items()}
