"""Rows about children are reached through `visible_to` (AZ-01): who asks a table directly is named here, with why."""

import ast

import pytest

from dropout.tests.test_architecture import relative, sources

ABOUT_CHILDREN = frozenset({"Case", "Span", "Child", "Identifier", "Visit", "Photo", "Fact", "Referral", "HelpAction"})
# the rule, its narrow sister for the receiving school, and what was referred to a partner's office
NARROWING = frozenset({"visible_to", "received_by", "open_to"})
MANAGERS = frozenset({"objects", "_base_manager", "_default_manager"})
SHORTCUTS = frozenset({"get_object_or_404", "get_list_or_404"})

# (module, model): why it may ask without `visible_to`.
ALLOWED = {
    # the domain: judges the act by actions.may under the case's own lock
    ("cases/lifecycle.py", "Case"): "locks the one case it was given; replays many for the landing of a list",
    ("cases/lifecycle.py", "Span"): "the history of the case it was given",
    ("cases/lifecycle.py", "Fact"): "the facts of the case it was given",
    ("cases/comparing.py", "Fact"): "what a checker said of the two cases of a pair in sight",
    ("cases/underway.py", "Referral"): "the referrals of the two locked cases that merge or part",
    ("cases/enrolment.py", "Fact"): "what the locked case and its duplicates say of the return",
    ("cases/visits.py", "Visit"): "finds a resend by its UUID and refuses another case's",
    ("cases/visits.py", "Photo"): "keeps the pictures of the visit it records",
    ("cases/handover.py", "Case"): "locks one person's cases, asks actions.may; counts those narrowed by scope.visible",
    ("cases/attempts.py", "Visit"): "the visits behind the facts of the case it was given, its duplicates' too",
    ("cases/rederiving.py", "Case"): "every case for the administrator's command; it answers nobody else",
    ("cases/rederiving.py", "Span"): "the spans of those cases",
    ("cases/management/commands/rederive_stages.py", "Case"): "how many cases were compared",
    (
        "cases/checking.py",
        "Case",
    ): "locks the cases of lines narrowed by scope.visible; a duplicate within the same rule",
    ("cases/checklists.py", "Case"): "locks the cases of a unit whose signature the person gives or takes back",
    ("cases/child_data.py", "Child"): "locks the child of the case it was given, after actions.may",
    ("cases/many_facts.py", "Case"): "locks cases its callers narrowed, who ask actions.may or the rule of each",
    ("cases/many_facts.py", "Span"): "when the last of those cases became known",
    ("cases/many_facts.py", "Fact"): "writes the facts of those cases",
    ("cases/bulk_routing.py", "Case"): "the cases of the person's own batch and those moved after actions.may",
    ("cases/corrections.py", "Visit"): "the visit of the record it corrects, of the case it locked, after actions.may",
    ("cases/desk.py", "Case"): "narrowed by scope.visible with the capability to assign",
    ("cases/suggestions.py", "Case"): "narrowed by scope.visible with the capability to assign",
    ("cases/reveal.py", "Case"): "locks the case it was given, then asks scope.posting_for",
    # the rule by another capability than seeing
    ("cases/queues.py", "Case"): "narrowed by scope.visible with the capability to visit",
    ("cases/queues.py", "Fact"): "the last visits of cases narrowed so",
    ("cases/access_log.py", "Case"): "narrowed by scope.visible with the capability to read the trail",
    # rows of cases that were narrowed already
    ("cases/survivors.py", "Case"): "the case that one given has become part of",
    ("cases/survivors.py", "Child"): "rows that stand for the children the caller names",
    ("cases/survivors.py", "Identifier"): "numbers and masks of children whose names the caller may see",
    # duplicates: pairs are narrowed by scope.visible on both sides; a merge asks duplicates.deciding_posting
    ("cases/merging.py", "Child"): "rows of the two cases it locked",
    # a report: asks what may be answered of a child elsewhere (AZ-07), and registers a new one
    ("cases/reporting.py", "Case"): "narrowed by scope.visible; out of scope whether there is one, for an exact number",
    ("cases/reporting.py", "Identifier"): "whose number it is, answered by a yes alone",
    ("cases/reporting.py", "Child"): "the child it registers",
    ("cases/case_file.py", "Case"): "one case its caller fetched in scope, as a row",
    ("cases/timeline.py", "Fact"): "of a case its caller fetched in scope, and of the duplicates merged into it",
    ("cases/timeline.py", "Span"): "the ladder of a case its caller fetched in scope",
    ("cases/views/files.py", "Identifier"): "whose ID it is, as a subquery of cases in scope",
    ("cases/pictures.py", "Photo"): "a picture of a case fetched in scope",
    ("cases/api.py", "Visit"): "of a case fetched in scope and its duplicates; whether a UUID is taken",
    # help and referral
    ("cases/help.py", "HelpAction"): "the plan of the case it was given; late actions of cases narrowed already",
    ("cases/referrals.py", "Referral"): "the referrals of the case it was given; those the clock ends",
    ("cases/referrals.py", "Visit"): "the needs of the case of a referral its caller may see",
    ("cases/referrals.py", "Fact"): "the answers to a referral its caller may see",
    ("cases/queues.py", "Referral"): "which of the cases narrowed already a partner watches over",
    ("cases/views/help.py", "HelpAction"): "an action of the plan of a case fetched in scope",
    ("cases/referral_api.py", "HelpAction"): "an action of the plan of a case fetched in scope",
    # lists brought in: what stands already, for matching; cases.intake.placement judges where rows may land
    ("cases/intake/existing.py", "Identifier"): "the child of a number in the list, wherever it is",
    ("cases/intake/existing.py", "Case"): "a child has one open case, wherever it is",
    ("cases/intake/existing.py", "Child"): "the same child under the same name",
    ("cases/intake/amending.py", "Fact"): "the facts a re-issued list corrects",
    ("cases/intake/amending.py", "Case"): "the cases of the entries of this list",
    ("cases/intake/amending.py", "Span"): "when the last of them became known",
    ("cases/intake/amending.py", "Child"): "the children of this list",
    ("cases/intake/amending.py", "Identifier"): "numbers this list brings for its children",
    (
        "cases/intake/lineage.py",
        "Fact",
    ): "which entries of an issue opened their case; the caller narrows",
    ("cases/intake/commit.py", "Span"): "when the last span became known, of all",
    # figures: sums over a unit that scope.may_look_at opened; children behind them by SpanQuerySet.visible_to
    ("reports/ladder.py", "Span"): "the one place that counts",
    ("reports/dashboards.py", "Case"): "sums of what waits in a unit that may be looked at",
    ("reports/line_lists.py", "Fact"): "visits of the cases of spans in reach",
    # the demo's clock replays a world of its own
    ("dropout/demo/replay.py", "Case"): "acts as each demo person by the domain functions",
    ("dropout/demo/lives.py", "Case"): "tells whole lives by the domain functions, each as who would act",
}

# Folders outside the product's answers.
ALLOWED_FOLDERS = {"dropout/bench/": "measures a world of its own making from the command line; it answers nobody"}


def asked_directly(tree: ast.AST):
    """(model, line) of every use of a table about children that does not begin with a NARROWING call."""
    narrowed = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in NARROWING and isinstance(node.value, ast.Attribute)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and id(node) not in narrowed:
            model = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
            if model in ABOUT_CHILDREN:
                yield model, node.lineno
        shortcut = isinstance(node, ast.Call) and getattr(node.func, "id", "") in SHORTCUTS and node.args
        if shortcut and getattr(node.args[0], "id", "") in ABOUT_CHILDREN:
            yield node.args[0].id, node.lineno


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], list[int]]:
    uses: dict[tuple[str, str], list[int]] = {}
    for path in sources():
        if relative(path).startswith(tuple(ALLOWED_FOLDERS)):
            continue
        for model, line in asked_directly(ast.parse(path.read_text("utf-8"))):
            uses.setdefault((relative(path), model), []).append(line)
    return uses


def test_nobody_asks_for_children_past_the_rule(found):
    assert {use: lines for use, lines in found.items() if use not in ALLOWED} == {}


def test_every_exception_is_still_needed(found):
    assert set(ALLOWED) - set(found) == set()


def test_no_page_form_filter_or_export_has_an_exception_but_for_rows_of_a_case_in_scope():
    shown = {
        use
        for use in ALLOWED
        if any(word in use[0] for word in ("views", "api", "pages", "pictures", "forms", "filters", "exports"))
    }
    assert shown == {
        ("cases/views/files.py", "Identifier"),
        ("cases/pictures.py", "Photo"),
        ("cases/views/help.py", "HelpAction"),
        ("cases/referral_api.py", "HelpAction"),
        ("cases/api.py", "Visit"),
    }


def test_the_search_finds_what_it_looks_for():
    tree = ast.parse(
        "Case.objects.all()\nCase.objects.visible_to(p)\nmodels.Span.objects.current()\n"
        "get_object_or_404(Photo, pk=1)\nSchool.objects.all()\nCase._base_manager.get(pk=1)\n"
        "get_object_or_404(Case.objects.visible_to(p), pk=1)"
    )
    assert sorted(asked_directly(tree)) == [("Case", 1), ("Case", 6), ("Photo", 4), ("Span", 3)]
