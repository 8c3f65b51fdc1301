"""The closed vocabularies of a case: categories, stages, rungs, findings, outcomes, wishes, kinds of fact.

Numbers are stored in facts and spans and never change their meaning. Sources: PRODUCT §2–4, seed 004 (the 19 outcomes).
"""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Category(IntegerChoices):
    """Why a child is on a list. AT_RISK is still in school and outside every dropout figure."""

    MISSED = 1, _("ตกหล่น")
    DROPOUT = 2, _("ออกกลางคัน")
    NOT_LISTED = 3, _("ไม่มีชื่อในระบบแต่พบตัว")
    AT_RISK = 4, _("กลุ่มเสี่ยง")

    @property
    def slug(self) -> str:
        return self.name.lower()


class Stage(IntegerChoices):
    """Where a case stands; computed from facts by cases.lifecycle alone."""

    NEW = 0, _("รอรับเรื่อง")
    ASSIGNED = 1, _("มอบหมายแล้ว")
    TRACKING = 2, _("อยู่ระหว่างติดตาม")
    FOUND = 3, _("พบตัว")
    ASSISTING = 4, _("ช่วยเหลือ")
    RETURNED_CLAIMED = 5, _("กลับเข้าเรียน (แจ้งแล้ว)")
    RETURNED_CONFIRMED = 6, _("กลับเข้าเรียน (ยืนยันแล้ว)")
    OBSERVING = 7, _("ดูแล/เฝ้าระวัง")
    RETAINED = 8, _("คงอยู่ในระบบ")
    NOT_FOUND = 9, _("ไม่พบตัว")
    CLOSED = 10, _("ยุติการติดตาม")
    VOID = 11, _("ตัดออกจากบัญชี")


OBSERVED = (Stage.RETURNED_CONFIRMED, Stage.OBSERVING, Stage.RETAINED)
RECEIVED = (Stage.RETURNED_CLAIMED, *OBSERVED)  # the receiving side has a say


class Rung(IntegerChoices):
    """The one rung of the ladder a case stands on (PRODUCT §4)."""

    TO_START = 0, _("รอเริ่ม")
    TRACKING = 1, _("อยู่ระหว่างติดตาม")
    FOUND = 2, _("พบตัว")
    NOT_FOUND = 3, _("ไม่พบตัว")


class Finding(IntegerChoices):
    """What one visit says of finding the child. Only FOUND decides; a not-found is earned and approved."""

    NONE = 0, _("ไม่พบตัว")
    FOUND = 1, _("พบตัว")
    HEARD_OF = 2, _("ไม่พบตัว แต่รู้ว่าอยู่ที่ไหน")


class Outcome(IntegerChoices):
    """The 19 lines of seed 004 in its order: 3 in education, 16 causes. NOT_GIVEN counts as UNSPECIFIED in figures."""

    NOT_GIVEN = 0, _("ยังไม่ระบุ")
    ENROLLED_OTHER_AFFILIATION = 1, _("เข้าเรียนในสถานศึกษาสังกัดอื่น")
    ENROLLED_SAME_AFFILIATION = 2, _("เข้าเรียนในสังกัดเดิม")
    STUDYING_ABROAD = 3, _("ไปเรียนต่อต่างประเทศ")
    COMPLETED_COMPULSORY_NO_FURTHER = 4, _("จบการศึกษาภาคบังคับและไม่ประสงค์จะเข้าเรียนต่อ")
    RELOCATED = 5, _("ย้ายถิ่นที่อยู่")
    FAMILY_NECESSITY = 6, _("ความจำเป็นทางครอบครัว")
    UNSPECIFIED = 7, _("ไม่ระบุสาเหตุ")
    OVER_AGE_NO_FURTHER = 8, _("อายุพ้นเกณฑ์และไม่ประสงค์จะเรียนต่อ")
    LOW_INCOME_GUARDIAN = 9, _("ผู้ปกครองมีรายได้น้อย ไม่พอเพียง")
    FAMILY_CONDITION = 10, _("สภาพของครอบครัว")
    DISABILITY = 11, _("ความพิการ")
    SOCIAL_ADJUSTMENT = 12, _("ปัญหาการปรับสภาพตัวเองในสังคม")
    COVID19_AFFECTED = 13, _("ได้รับผลกระทบจาก Covid-19")
    HEALTH = 14, _("สุขภาพอนามัย")
    DECEASED = 15, _("เสียชีวิต")
    AT_RISK_GROUP = 16, _("อยู่ในกลุ่มเสี่ยง")
    SCHOOL_RULE_CONDUCT = 17, _("การประพฤติ ปฏิบัติขัดกับระเบียบของสถานศึกษา")
    TRANSPORT_INCONVENIENT = 18, _("การคมนาคมไม่สะดวก")
    DISASTER_AFFECTED = 19, _("ได้รับผลกระทบจากภัยต่างๆ")

    @property
    def slug(self) -> str:
        return self.name.lower()


IN_EDUCATION = (Outcome.ENROLLED_OTHER_AFFILIATION, Outcome.ENROLLED_SAME_AFFILIATION, Outcome.STUDYING_ABROAD)
CAUSES = tuple(Outcome(n) for n in range(4, 20))
# Declining outcomes: with no other answer they say "does not want" (PRODUCT §4, wish).
DECLINING = (Outcome.COMPLETED_COMPULSORY_NO_FURTHER, Outcome.OVER_AGE_NO_FURTHER)
# Personal data of PDPA s.26 (health, disability): shown to those who act, not beyond.
SENSITIVE = (Outcome.DISABILITY, Outcome.COVID19_AFFECTED, Outcome.HEALTH, Outcome.AT_RISK_GROUP)


class Wish(IntegerChoices):
    """What the child wants, kept apart from finding and outcome."""

    NOT_ASKED = 0, _("ยังไม่ได้ถาม")
    WANTS = 1, _("ประสงค์กลับเข้าเรียน")
    DOES_NOT_WANT = 2, _("ไม่ประสงค์กลับเข้าเรียน")
    CANNOT = 3, _("ยังไม่สามารถ (เจ็บป่วย พิการ)")


class Reached(IntegerChoices):
    """How far back into school, cumulative within the episode."""

    NOWHERE = 0, _("ยังไม่กลับ")
    CLAIMED = 1, _("แจ้งแล้ว")
    CONFIRMED = 2, _("ยืนยันแล้ว")
    RETAINED = 3, _("คงอยู่")


class FactKind(IntegerChoices):
    """Kinds of fact. Each has one rule in cases.lifecycle saying what it does to a state."""

    LISTED = 1, _("เข้าสู่ระบบจากบัญชี")
    ASSIGNED = 2, _("มอบหมายให้หน่วยงาน")
    VISITED = 3, pgettext_lazy("was done", "บันทึกการติดตาม")
    NOT_FOUND_APPROVED = 4, _("อนุมัติว่าไม่พบตัว")
    ENROLLED = 5, pgettext_lazy("was done", "แจ้งกลับเข้าเรียน")
    CATEGORY_SET = 6, _("แก้ไขประเภท")
    TEACHER_NAMED = 7, pgettext_lazy("was done", "กำหนดครูผู้รับผิดชอบ")
    LEFT_LIST = 8, _("ไม่อยู่ในบัญชีล่าสุด")
    CHILD_CHANGED = 9, _("แก้ไขข้อมูลเด็ก")
    REPORTED = 10, pgettext_lazy("was done", "แจ้งพบเด็ก")
    ENROLMENT_CONFIRMED = 11, _("ยืนยันการกลับเข้าเรียน")
    ENROLMENT_DENIED = 12, _("ปฏิเสธการกลับเข้าเรียน")
    ENROLMENT_WITHDRAWN = 13, _("ถอนการแจ้งกลับเข้าเรียน")
    FOLLOWED_UP = 14, _("ติดตามหลังกลับเข้าเรียน")
    DROPPED_AGAIN = 15, _("ออกกลางคันซ้ำ")
    HANDED_OVER = 16, _("ส่งต่อระดับชั้น")
    HELP_PLANNED = 17, _("วางแผนช่วยเหลือ")
    HELP_GIVEN = 18, _("ให้ความช่วยเหลือ")
    CONFERRED = 19, _("ประชุมรายกรณี")
    REFERRED = 20, _("ส่งต่อภาคีเครือข่าย")
    REFERRAL_ANSWERED = 21, _("ภาคีเครือข่ายตอบ")
    REFERRAL_ENDED = 22, _("สิ้นสุดการส่งต่อ")
    REQUESTED = 23, _("ส่งคำขอ")
    REQUEST_ANSWERED = 24, _("ตอบคำขอ")
    TRANSFERRED = 25, pgettext_lazy("was done", "รับโอน")
    CLOSED = 26, _("ยุติการติดตาม")
    REOPENED = 27, _("เปิดติดตามอีกครั้ง")
    VOIDED = 28, _("ตัดออกจากบัญชี")
    MERGED_AWAY = 29, _("รวมเข้ากับอีกแฟ้ม (ข้อมูลซ้ำซ้อน)")
    MERGED_IN = 30, _("รวมแฟ้มที่ซ้ำเข้ามา")
    MERGE_UNDONE = 31, _("ยกเลิกการรวมแฟ้ม")
    LIST_CHECKED = 32, _("ตรวจสอบบัญชี")
    FLAGGED_UNSAFE = 33, _("แจ้งว่าเด็กไม่ปลอดภัย")
    UNSAFE_CLEARED = 34, _("ยืนยันว่าเด็กปลอดภัยแล้ว")


class VisitMode(TextChoices):
    HOME = "home", _("เยี่ยมบ้าน")
    PHONE = "phone", _("โทรศัพท์")
    COMMUNITY = "community", _("ลงชุมชน")
    ONLINE = "online", _("ออนไลน์")


class Whereabouts(TextChoices):
    IN_PROVINCE = "in_province", _("ในจังหวัด")
    OTHER_PROVINCE = "other_province", _("ต่างจังหวัด")
    ABROAD = "abroad", _("ต่างประเทศ")


class Need(TextChoices):
    """What would help; a visit may name several."""

    SCHOLARSHIP = "scholarship", _("ทุนการศึกษา/ค่าใช้จ่าย")
    TRANSPORT = "transport", _("การเดินทาง")
    UNIFORM = "uniform", _("ชุดและอุปกรณ์การเรียน")
    HEALTH = "health", _("สุขภาพ/การรักษา")
    FAMILY = "family", _("ความช่วยเหลือครอบครัว")
    FLEXIBLE = "flexible", _("การเรียนแบบยืดหยุ่น/สกร.")
    VOCATIONAL = "vocational", _("เรียนอาชีพ")
    COUNSEL = "counsel", _("คำปรึกษา")
    DOCUMENTS = "documents", _("เอกสารทะเบียนราษฎร")
    OTHER = "other", _("อื่น ๆ")


class EnrolmentRoute(TextChoices):
    """Where a child goes back to; only `school` names a school of ours."""

    SCHOOL = "school", _("สถานศึกษาในระบบ")
    NONFORMAL = "nonformal", _("สกร.")
    VOCATIONAL = "vocational", _("อาชีวศึกษา")
    LEARNING_CENTRE = "learning_centre", _("ศูนย์การเรียน มาตรา 12")
    HOME = "home", _("บ้านเรียน")
    FLEXIBLE = "flexible", _("การศึกษาที่ยืดหยุ่น")
    OUTSIDE = "outside", _("สถานศึกษานอกระบบนี้")
    FROM_LIST = "from_list", _("ตามบัญชีเดิม ไม่ได้ระบุ")


class Basis(TextChoices):
    """On what ground a child's data goes to a partner (PDPA s.19, 24, 26); each referral records one (PV-02)."""

    CONSENT = "consent", _("ผู้ปกครองหรือเด็กยินยอม")
    PROTECTION = "protection", _("คุ้มครองเด็กตาม พ.ร.บ. คุ้มครองเด็ก 2546")
    VITAL = "vital", _("ป้องกันอันตรายต่อชีวิต ร่างกาย หรือสุขภาพ")
    PUBLIC_TASK = "public_task", _("ภารกิจเพื่อประโยชน์สาธารณะตามข้อตกลง (MOU)")


class ReferralState(TextChoices):
    """SENT and ACCEPTED are live; of the others the partner sees nothing any more (SECURITY PV-04)."""

    SENT = "sent", _("ส่งแล้ว รอตอบรับ")
    ACCEPTED = "accepted", _("รับเรื่องแล้ว")
    DONE = "done", _("ดำเนินการแล้ว")
    REJECTED = "rejected", _("ไม่รับเรื่อง")
    RECALLED = "recalled", _("เรียกคืนแล้ว")
    EXPIRED = "expired", _("พ้น 90 วัน")
    CLOSED = "closed", _("แฟ้มปิดแล้ว")  # closed or removed; opened again it is referred anew, if need be
    MERGED = "merged", _("รวมกับการส่งต่อของแฟ้มที่ซ้ำ")  # another to the same partner goes on for the child


class ReferralAnswer(TextChoices):
    """What a partner says to a referral."""

    ACCEPTED = "accepted", _("รับเรื่อง")
    NOTE = "note", _("แจ้งความคืบหน้า")
    DONE = "done", _("ดำเนินการเสร็จ")
    REJECTED = "rejected", _("ไม่รับเรื่อง")


class FollowUp(TextChoices):
    """What a follow-up after the return found (PRODUCT §3: 60, 120, 180 and 240 days)."""

    STILL = "still", _("ยังเรียนอยู่")
    ABSENT = "absent", _("ขาดเรียน")
    LEFT = "left", _("ออกอีกแล้ว")


class RequestKind(TextChoices):
    """What one unit asks of another about a case. Each is granted or refused by a second person (cases.requests)."""

    NOT_FOUND = "not_found", _("ขออนุมัติว่าไม่พบตัว")
    CLOSING = "closing", _("ขอยุติการติดตาม")
    REMOVAL = "removal", _("ขอตัดออกจากบัญชี")
    MERGE = "merge", _("ขอรวมแฟ้มซ้ำซ้อน")
    TRANSFER = "transfer", _("ขอโอนหน่วยงานรับผิดชอบ")
    ESCALATION = "escalation", _("โรงเรียนแก้ไม่ได้ ขอให้เขตช่วย")
    KNOWN = "known", _("พบเด็กที่มีอยู่ในระบบแล้ว ขอให้ติดต่อกลับ")
    CORRECTION = "correction", _("ขอแก้ไขบันทึก")


class RequestState(TextChoices):
    """WAITING is the only state in which anything can still happen to a request."""

    WAITING = "waiting", _("รอพิจารณา")
    GRANTED = "granted", pgettext_lazy("was done", "อนุมัติ")
    REFUSED = "refused", pgettext_lazy("was done", "ไม่อนุมัติ")
    RECALLED = "recalled", _("เรียกคืนแล้ว")
    ENDED = "ended", _("สิ้นสุดตามแฟ้ม")  # the case was closed, removed, merged or transferred meanwhile


class Remedy(TextChoices):
    """What the level above does about a case its school cannot mend; HELP keeps the round open (seed 002, 2–7)."""

    HELP = "help", _("รับช่วย: ลงพื้นที่ ส่งทีมสหวิชาชีพ ประชุมรายกรณี")
    TAKE_OVER = "take_over", _("รับไปดูแลแทนโรงเรียน")
    RETURN = "return", _("คืนโรงเรียนพร้อมแนวทาง")


class Closing(TextChoices):
    """Why tracking may end (PRODUCT §3): evidence, and approval one level up."""

    IN_EDUCATION = "in_education", _("เรียนอยู่ในสถานศึกษาอื่นแล้ว")
    ABROAD = "abroad", _("ไปอยู่หรือเรียนต่างประเทศ")
    DECEASED = "deceased", _("เสียชีวิต")
    OVER_AGE = "over_age", _("พ้นเกณฑ์ภาคบังคับและไม่ประสงค์เรียนต่อ")


class Removal(TextChoices):
    """Why a case may leave the target altogether."""

    WRONG_ENTRY = "wrong_entry", _("บันทึกผิด ไม่มีเด็กคนนี้")
    GONE_FROM_LIST = "gone_from_list", _("ยืนยันว่าไม่อยู่ในบัญชีแล้ว")


class CheckAnswer(TextChoices):
    """ตรวจสอบบัญชี: what a school or district says of one line of a list (seed 001 step 4, seed 004)."""

    CORRECT = "correct", _("ถูกต้อง")
    AMENDED = "amended", _("แก้ไข")
    NOT_OURS = "not_ours", _("ไม่ใช่ของเรา")
    IN_EDUCATION = "in_education", _("เรียนอยู่แล้ว")
    DUPLICATE = "duplicate", _("ซ้ำ")
    KEPT = "kept", _("คงไว้ แม้ไม่อยู่ในบัญชีล่าสุด")
    REMOVED = "removed", _("ขอตัดออก ไม่อยู่ในบัญชีแล้ว")


class Sameness(TextChoices):
    """Why two cases may be of one child, the surest first (PRODUCT §2, duplicates)."""

    IDENTIFIER = "identifier", _("เลขประจำตัวเดียวกัน")
    NAME_BIRTH_GUARDIAN = "name_birth_guardian", _("ชื่อ วันเกิด และผู้ปกครองตรงกัน")
    NAME_BIRTH = "name_birth", _("ชื่อและวันเกิดตรงกัน")
    NAME_GUARDIAN = "name_guardian", _("ชื่อและผู้ปกครองตรงกัน ไม่ทราบวันเกิด")
    SAID = "said", _("ผู้ตรวจสอบบัญชีบอกว่าซ้ำ")


class PairState(TextChoices):
    """What became of a possible duplicate. What a person decided no search opens again."""

    OPEN = "open", _("รอตัดสิน")
    MERGED = "merged", _("รวมแฟ้มแล้ว")
    NOT_SAME = "not_same", _("ไม่ใช่คนเดียวกัน")
