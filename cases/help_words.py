"""What the timeline says of help, conferences, referrals and safety."""

from datetime import date

from django.utils.translation import gettext as _

from cases.codes import FactKind, Need, ReferralAnswer, ReferralState
from cases.confidential import Told, told_needs
from cases.help_rounds import OF_HELP
from cases.models import Fact
from cases.sharing import FIELDS
from schools.language import reader_language
from schools.thaitime import thai_date

KINDS = OF_HELP | {FactKind.FLAGGED_UNSAFE, FactKind.UNSAFE_CLEARED}


def title(fact: Fact) -> str:
    """What happened, in one line; a partner is named."""
    partner = fact.details.get("name", "")
    match fact.kind:
        case FactKind.REFERRED if "again" in fact.details:
            return _("ส่งต่อ %(partner)s ต่อไป หลังยกเลิกการรวมแฟ้ม") % {"partner": partner}
        case FactKind.REFERRED:
            return _("ส่งต่อ %(partner)s") % {"partner": partner}
        case FactKind.REFERRAL_ANSWERED:
            said = ReferralAnswer(fact.details["answer"]).label
            return _("%(partner)s ตอบ: %(answer)s") % {"partner": partner, "answer": said}
        case FactKind.REFERRAL_ENDED:
            end = ReferralState(fact.details["end"]).label
            return _("สิ้นสุดการส่งต่อ %(partner)s: %(end)s") % {"partner": partner, "end": end}
    return str(FactKind(fact.kind).label)


def words(fact: Fact, told: Told) -> list[str]:
    """The rest, in parts; what somebody wrote only for those who may read what visits say."""
    said = fact.details
    parts = [str(Need(need).label) for need in told_needs([said["need"]] if "need" in said else [], told.sensitive)]
    if fact.kind == FactKind.REFERRED and told.names:
        shared = ", ".join(str(FIELDS[field]) for field in said["fields"] if field in FIELDS)
        parts.append(_("ข้อมูลที่ส่ง: %(fields)s") % {"fields": shared})
    if told.address:
        parts += _written(said)
        if fact.reason:
            parts.append(fact.reason)
    if "due" in said:
        parts.append(_("ภายใน %(day)s") % {"day": thai_date(date.fromisoformat(said["due"]), lang=reader_language())})
    return parts


def _written(said: dict) -> list[str]:
    what = said.get("what", [])
    parts = [what] if isinstance(what, str) else list(what)
    if said.get("who"):
        parts.append(_("โดย %(who)s") % {"who": said["who"]})
    if said.get("sat"):
        parts.append(_("ผู้เข้าประชุม: %(sat)s") % {"sat": said["sat"]})
    if said.get("agreed"):
        parts.append(_("ตกลงว่า: %(agreed)s") % {"agreed": "; ".join(said["agreed"])})
    return parts
