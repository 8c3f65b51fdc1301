"""The table of actions as a page of docs/: every action, for every role, in every stage of a case."""

from cases.actions import ACTIONS, Action
from cases.codes import Stage
from schools.roles import CAPABILITIES, name_of

YES, NOT_NOW, NOT_ALLOWED = "✓", "409", "403"
HEAD = """# Actions

Made by `python manage.py document_actions` from `cases/actions.py` and `schools/roles.py`; a test holds it to both, and
both to a table typed by hand (`dropout/tests/test_action_table.py`).

For a case in the scope of the person, whose child returns, if at all, to a school in it: ✓ may be done, 409 is not
possible in this stage, 403 is not for this role. Outside the scope everything is 404. What else may stand in the way
("Barred by") depends on the case and is answered 409 with its reason.
"""
RECEIVER = {
    "only": "Once a return is claimed it is for the side that receives the child alone, never for who claimed it.",
    "also": "Once a return is claimed the side that receives the child may do it too.",
}


def action_table() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_of(action) for action in ACTIONS)])


def _of(action: Action) -> str:
    roles = list(CAPABILITIES)
    notes = [f"Needs `{action.capability}`."]
    notes += [RECEIVER[action.receiver]] if action.receiver else []
    notes += [f"Barred by `{action.bar.__name__.strip('_')}`."] if action.bar else []
    rows = [
        f"| {stage.name.lower()} {stage.label} | {' | '.join(_cell(action, role, stage) for role in roles)} |"
        for stage in Stage
    ]
    return "\n".join(
        [
            f"## `{action.slug}` {action.label}",
            "",
            " ".join(notes),
            "",
            f"| stage | {' | '.join(f'{name_of(role)} `{role}`' for role in roles)} |",
            f"|---|{'---|' * len(roles)}",
            *rows,
            "",
        ]
    )


def _cell(action: Action, role: str, stage: Stage) -> str:
    if action.capability not in CAPABILITIES[role]:
        return NOT_ALLOWED
    return YES if stage in action.stages else NOT_NOW
