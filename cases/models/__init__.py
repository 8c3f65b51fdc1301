"""The tables of a case. Facts are the truth; the state on a case and its spans are computed from them."""

from cases.models.case import Case
from cases.models.child import Child, Identifier
from cases.models.facts import Fact, Photo, Visit
from cases.models.help import HelpAction
from cases.models.lists import ChildList, EntryChange, ListEntry, ListVersion
from cases.models.referral import Referral
from cases.models.requests import Request, RequestPicture
from cases.models.span import FOREVER, Span

__all__ = [
    "FOREVER",
    "Case",
    "Child",
    "ChildList",
    "EntryChange",
    "Fact",
    "HelpAction",
    "Identifier",
    "ListEntry",
    "ListVersion",
    "Photo",
    "Referral",
    "Request",
    "RequestPicture",
    "Span",
    "Visit",
]
