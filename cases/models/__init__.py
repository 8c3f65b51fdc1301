"""The tables of a case. Facts are the truth; the state on a case and its spans are computed from them."""

from cases.models.case import Case
from cases.models.checks import CheckPicture, CheckSignature, EntryCheck
from cases.models.child import Child, Identifier
from cases.models.duplicate import Duplicate
from cases.models.facts import Fact, Photo, Visit
from cases.models.help import HelpAction
from cases.models.lists import ChildList, EntryChange, ListEntry, ListVersion
from cases.models.referral import Referral
from cases.models.reports import Report
from cases.models.requests import Request, RequestPicture
from cases.models.span import FOREVER, Span

__all__ = [
    "FOREVER",
    "Case",
    "CheckPicture",
    "CheckSignature",
    "Child",
    "ChildList",
    "Duplicate",
    "EntryChange",
    "EntryCheck",
    "Fact",
    "HelpAction",
    "Identifier",
    "ListEntry",
    "ListVersion",
    "Photo",
    "Referral",
    "Report",
    "Request",
    "RequestPicture",
    "Span",
    "Visit",
]
