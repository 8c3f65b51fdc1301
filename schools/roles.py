"""What a role may do: named capabilities, never an ordered number. Where it may do it is schools.scope."""

from schools.models import Posting

Role = Posting.Role

SEE_CASES = "see_cases"  # cases in scope, by number
SEE_NAMES = "see_names"  # and whose they are
REVEAL_ID = "reveal_id"  # unmask a national ID, with a reason
RECORD_VISIT = "record_visit"
CLAIM_ENROLMENT = "claim_enrolment"
ASSIGN_CASES = "assign_cases"  # to schools of one's scope
NAME_TEACHER = "name_teacher"  # ครูผู้รับผิดชอบ
IMPORT_LISTS = "import_lists"
IMPORT_NATIONAL = "import_national"  # lists of more than 5,000 rows
SEE_FIGURES = "see_figures"
EXPORT_WORKBOOK = "export_workbook"
EXPORT_LINE_LIST = "export_line_list"
SEE_AUDIT = "see_audit"  # บันทึกการเข้าถึง
SEE_REFERRALS = "see_referrals"  # a partner's own
ANSWER_REFERRALS = "answer_referrals"
ASK = "ask"  # request a not-found, a closing, a removal, a transfer; escalate
ANSWER = "answer"  # grant or refuse what waits at one's unit
CONFIRM_ENROLMENT = "confirm_enrolment"  # the receiving side's word
REFER = "refer"  # to partner agencies
CHECK_LISTS = "check_lists"  # ตรวจสอบบัญชี
SIGN_LISTS = "sign_lists"  # put the unit's signature under it, or give one below back
REPORT_CHILD = "report_child"  # แจ้งพบเด็ก
RESOLVE_DUPLICATES = "resolve_duplicates"
SEE_SENSITIVE = "see_sensitive"  # health and disability (PDPA s.26) and a hidden address: those who act
ADMINISTER_PEOPLE = "administer_people"  # those of schools.people_rules
REPORT_ROUND = "report_round"  # speak for the war room of one's unit
RECEIVE_ROUND = "receive_round"  # take, return, lock and unlock what the level below reports

CAPABILITIES: dict[str, frozenset[str]] = {
    Role.TEACHER: frozenset(
        {
            SEE_CASES,
            SEE_NAMES,
            SEE_SENSITIVE,
            RECORD_VISIT,
            CLAIM_ENROLMENT,
            SEE_FIGURES,
            ASK,
            CHECK_LISTS,
            REPORT_CHILD,
        }
    ),
    Role.DIRECTOR: frozenset(
        {SEE_CASES, SEE_NAMES, REVEAL_ID, RECORD_VISIT, CLAIM_ENROLMENT, NAME_TEACHER, IMPORT_LISTS}
        | {SEE_FIGURES, EXPORT_WORKBOOK, EXPORT_LINE_LIST, SEE_AUDIT, SEE_SENSITIVE}
        | {ASK, ANSWER, CONFIRM_ENROLMENT, REFER, CHECK_LISTS, SIGN_LISTS, REPORT_CHILD, RESOLVE_DUPLICATES}
        | {ADMINISTER_PEOPLE, REPORT_ROUND}
    ),
    Role.DISTRICT: frozenset(
        {SEE_CASES, SEE_NAMES, REVEAL_ID, RECORD_VISIT, CLAIM_ENROLMENT, ASSIGN_CASES, NAME_TEACHER, IMPORT_LISTS}
        | {SEE_FIGURES, EXPORT_WORKBOOK, EXPORT_LINE_LIST, SEE_AUDIT, SEE_SENSITIVE}
        | {ASK, ANSWER, CONFIRM_ENROLMENT, REFER, CHECK_LISTS, SIGN_LISTS, REPORT_CHILD, RESOLVE_DUPLICATES}
        | {ADMINISTER_PEOPLE, REPORT_ROUND, RECEIVE_ROUND}
    ),
    Role.PROVINCE: frozenset(
        {SEE_CASES, SEE_NAMES, REVEAL_ID, ASSIGN_CASES, IMPORT_LISTS, SEE_FIGURES, EXPORT_WORKBOOK, EXPORT_LINE_LIST}
        | {ASK, ANSWER, RESOLVE_DUPLICATES, SIGN_LISTS, ADMINISTER_PEOPLE, REPORT_ROUND, RECEIVE_ROUND}
    ),
    Role.DEPARTMENT: frozenset(
        {SEE_CASES, SEE_NAMES, REVEAL_ID, ASSIGN_CASES, IMPORT_LISTS, IMPORT_NATIONAL, SEE_FIGURES}
        | {EXPORT_WORKBOOK, EXPORT_LINE_LIST, ASK, ANSWER, RESOLVE_DUPLICATES, SIGN_LISTS, ADMINISTER_PEOPLE}
        | {REPORT_ROUND, RECEIVE_ROUND}
    ),
    Role.MINISTRY: frozenset(
        {SEE_CASES, IMPORT_LISTS, IMPORT_NATIONAL, SEE_FIGURES, EXPORT_WORKBOOK, EXPORT_LINE_LIST, ANSWER}
        | {RESOLVE_DUPLICATES, ADMINISTER_PEOPLE, RECEIVE_ROUND}
    ),
    Role.PARTNER: frozenset({SEE_REFERRALS, ANSWER_REFERRALS, REPORT_CHILD}),
    Role.AUDITOR: frozenset({SEE_CASES, SEE_FIGURES, SEE_AUDIT}),
    Role.ADMIN: frozenset({ADMINISTER_PEOPLE}),
}

# The kinds of unit each role is held in.
UNIT_KINDS: dict[str, tuple[str, ...]] = {
    Role.TEACHER: ("school",),
    Role.DIRECTOR: ("school",),
    Role.DISTRICT: ("district",),
    Role.PROVINCE: ("province",),
    Role.DEPARTMENT: ("department",),
    Role.MINISTRY: ("nation", "region"),
    Role.PARTNER: ("partner",),
    Role.AUDITOR: ("nation", "region", "province", "department", "district"),
    Role.ADMIN: ("nation",),
}

GRANTABLE = frozenset({SEE_NAMES})  # what one posting may be given beyond its role


def _only_reads(capability: str) -> bool:
    """Seeing and taking away what one sees; a capability of another name writes until this says otherwise."""
    return capability.startswith(("see_", "export_"))


def capabilities_of(posting: Posting) -> frozenset[str]:
    """What this posting may do: its role's capabilities and those granted to it alone; a read-only twin only reads."""
    held = CAPABILITIES[posting.role] | (frozenset(posting.extra) & GRANTABLE)
    return frozenset(filter(_only_reads, held)) if posting.read_only else held


def can(person, capability: str) -> bool:
    """Whether any of the person's present postings has `capability`, wherever it is held."""
    from schools.scope import postings_of

    return any(capability in capabilities_of(posting) for posting in postings_of(person))


def name_of(role: str) -> str:
    """The role as a reader sees it; "" for none."""
    return str(Role(role).label) if role else ""
