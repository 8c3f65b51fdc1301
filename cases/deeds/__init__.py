"""What is done with a case on the common page and by the API: for each action of cases.actions its form and its call.

A deed is one form (shape only) and one domain call `call(case, *, person, version, **cleaned_data)`, which judges.
Page (`cases:act`) and API (`POST cases/{no}/{action}/`) both come through `perform`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.utils.functional import Promise

from cases.models import Case
from schools.models import Person


class DeedForm(forms.Form):
    """A form about one case. `version` is what the writer saw; who saves second is shown both (lifecycle.StaleCase)."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    sometimes: tuple[str, ...] = ()  # fields that are not asked of every case
    linked: tuple[str, ...] = ()  # fields that a link to the page may fill
    tells_child = False  # the page shows what is known of the child: looking is recorded
    about = ""  # what of the case it is about, where that needs saying

    def __init__(self, *args, case: Case, person: Person, **kwargs):
        kwargs.setdefault("initial", {}).setdefault("version", case.version)
        super().__init__(*args, **kwargs)
        self.case, self.person = case, person

    def shown(self) -> list[forms.BoundField]:
        """The fields the page shows, in order."""
        return [field for field in self if not field.is_hidden]


class Deed(NamedTuple):
    """`done` is what the page says afterwards; `note` stands above the form."""

    form: type[DeedForm]
    call: Callable[..., Any]
    done: str | Promise
    note: str | Promise = ""


def perform(deed: Deed, form: DeedForm) -> Any:
    """The domain call of a valid form. Raises PermissionDenied, IllegalAction, StaleCase, what the subject refuses."""
    return deed.call(form.case, person=form.person, **form.cleaned_data)


def deeds() -> dict[str, Deed]:
    """Every deed by the slug of its action."""
    from cases.deeds import child_data, closing, corrections, enrolment, help, notfound, referring, transfers

    subjects = (child_data, corrections, notfound, closing, help, referring, enrolment, transfers)
    return {slug: deed for subject in subjects for slug, deed in subject.DEEDS.items()}
