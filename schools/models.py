"""Who and where: the two trees of units, people and their postings, background jobs, and who looked.

Line of command: Department → District → School. Area: Region → Province → Amphoe → Tambon → School.
A tray (ยังไม่ระบุหน่วยงาน of a province and department) is a District of kind `tray`, so that every case has one.
"""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from schools.thaitime import bangkok_today


class Region(models.Model):
    """เขตตรวจราชการ: 1–18, and 0 for `central` (Bangkok)."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    name_th = models.CharField(max_length=80)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.name_th

    @property
    def key(self) -> str:
        return str(self.id) if self.id else "central"


class Department(models.Model):
    """ส่วนราชการ or other affiliation (สังกัด), as in data/affiliations.csv."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    code = models.CharField(max_length=20, unique=True)
    abbr_th = models.CharField(max_length=40)
    name_th = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    is_war_room = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.abbr_th


class Province(models.Model):
    """จังหวัด; the key is its two-digit DOPA code as a number."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    name_th = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    abbr_th = models.CharField(max_length=10)
    sort_key = models.CharField(max_length=80)
    region = models.ForeignKey(Region, models.PROTECT, related_name="provinces")
    lat = models.FloatField()
    lon = models.FloatField()

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.name_th


class Amphoe(models.Model):
    """อำเภอ, or เขต in Bangkok; the key is its four-digit DOPA code as a number."""

    id = models.PositiveIntegerField(primary_key=True)
    name_th = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    province = models.ForeignKey(Province, models.PROTECT, related_name="amphoes")

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.name_th


class Tambon(models.Model):
    """ตำบล, or แขวง in Bangkok; the key is its six-digit DOPA code as a number."""

    id = models.PositiveIntegerField(primary_key=True)
    name_th = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    amphoe = models.ForeignKey(Amphoe, models.PROTECT, related_name="tambons")
    postal_code = models.CharField(max_length=5, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.name_th


class District(models.Model):
    """เขตพื้นที่การศึกษา or its peer in another department; also trays and generated offices.

    `code`: as in data/districts.csv (P4603), `46-obec` for a tray, `X46-lao` for a generated office.
    `provinces`: a สพม. may cover several.
    """

    class Kind(models.TextChoices):
        OBEC_PRIMARY = "obec_primary", "สพป."
        OBEC_SECONDARY = "obec_secondary", "สพม."
        SPECIAL_EDUCATION_CENTER = "special_education_center", "ศูนย์การศึกษาพิเศษ"
        OVEC_PROVINCIAL = "ovec_provincial", "อาชีวศึกษาจังหวัด"
        DOLE_PROVINCIAL = "dole_provincial", "สกร.จังหวัด"
        OPEC_PROVINCIAL = "opec_provincial", "สช.จังหวัด"
        MOE_PROVINCIAL = "moe_provincial", "ศธจ."
        GENERATED = "generated", "หน่วยงานสังกัดอื่นในจังหวัด"
        TRAY = "tray", "ยังไม่ระบุหน่วยงาน"

    code = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=30, choices=Kind.choices)
    name_th = models.CharField(max_length=120)
    full_name_th = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="districts")
    seat = models.ForeignKey(Province, models.PROTECT, related_name="seated_districts")
    provinces = models.ManyToManyField(Province, related_name="districts")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["seat", "department"], condition=models.Q(kind="tray"), name="tray_one_per_province_department"
            ),
        ]

    def __str__(self):
        return self.name_th


class School(models.Model):
    """สถานศึกษา; `code` is its 8- or 10-digit code as text. Its department is its district's."""

    code = models.CharField(max_length=10, unique=True)
    name_th = models.CharField(max_length=200)
    search = models.CharField(max_length=200, db_index=True)  # thaitext.school_key: name without โรงเรียน, tones, spaces
    sort_key = models.CharField(max_length=240)
    district = models.ForeignKey(District, models.PROTECT, related_name="schools")
    province = models.ForeignKey(Province, models.PROTECT, related_name="schools")
    amphoe = models.ForeignKey(Amphoe, models.PROTECT, related_name="schools")
    tambon = models.ForeignKey(Tambon, models.PROTECT, related_name="schools", null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["amphoe", "search"], name="school_by_amphoe_and_name")]

    def __str__(self):
        return self.name_th


class Partner(models.Model):
    """หน่วยงานภาคีเครือข่าย that receives referrals: those of data/partners.csv, and each province's
    multi-disciplinary team (ทีมสหวิชาชีพ, `province` set)."""

    code = models.CharField(max_length=30, unique=True)
    name_th = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    province = models.ForeignKey(Province, models.PROTECT, null=True, blank=True, related_name="partners")
    is_active = models.BooleanField(default=True)  # a disabled agency sees nothing from the next request on

    class Meta:
        ordering = ["code"]

    def __str__(self):
        return self.name_th


class PersonManager(BaseUserManager):
    def create_user(self, username, password=None, **fields):
        person = self.model(username=self.model.normalize_username(username), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody who logs in. What they may see and do follows from their postings alone (roles, scope)."""

    username = models.CharField(max_length=150, unique=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)  # for whoever passes an invitation on
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)  # may exist only while DEMO=1
    must_change_password = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    objects = PersonManager()

    class Meta:
        ordering = ["username"]

    def __str__(self):
        return self.get_full_name()

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.username

    def get_short_name(self) -> str:
        return self.first_name or self.username


class Posting(models.Model):
    """person × role × unit × from–to. `unit` is written as everywhere: `district:P4603` (schools.units)."""

    class Role(models.TextChoices):
        TEACHER = "teacher", _("ครู")
        DIRECTOR = "director", _("ผู้อำนวยการสถานศึกษา")
        DISTRICT = "district", _("เจ้าหน้าที่เขตพื้นที่")
        PROVINCE = "province", _("เจ้าหน้าที่จังหวัด")
        DEPARTMENT = "department", _("เจ้าหน้าที่ส่วนราชการ")
        MINISTRY = "ministry", _("เจ้าหน้าที่กระทรวง")
        PARTNER = "partner", _("เจ้าหน้าที่หน่วยงานภาคี")
        AUDITOR = "auditor", _("ผู้ตรวจสอบ")
        ADMIN = "admin", _("ผู้ดูแลระบบ")

    person = models.ForeignKey(Person, models.PROTECT, related_name="postings")
    role = models.CharField(max_length=20, choices=Role.choices)
    unit = models.CharField(max_length=40)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)  # last day; None = open
    extra = models.JSONField(default=list, blank=True)  # capabilities granted to this posting, e.g. ["see_names"]
    read_only = models.BooleanField(default=False)  # sees what its role sees and changes nothing (schools.roles)
    confirmed_on = models.DateField(default=bangkok_today)  # last time its unit's administrator answered for it
    cut_at = models.DateTimeField(null=True, blank=True)  # ended before its last day was over: nothing from then on

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["unit", "role"], name="posting_by_unit")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="posting_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()} · {self.unit}"


class Invitation(models.Model):
    """A link by which an invited person sets their own password: once, within a day (schools.invitations).

    Only the digest of its token is kept.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="invitations")
    by = models.ForeignKey(Person, models.PROTECT, related_name="invitations_made", null=True, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # a newer one took its place

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return f"{self.person} until {self.expires_at:%Y-%m-%d %H:%M}"


class Job(models.Model):
    """Work that takes longer than a page. The row is the truth; Celery only delivers its id (schools.jobs)."""

    class State(models.TextChoices):
        QUEUED = "queued", _("รอคิว")
        RUNNING = "running", _("กำลังทำ")
        DONE = "done", _("เสร็จแล้ว")
        FAILED = "failed", _("ไม่สำเร็จ")
        CANCELLED = "cancelled", _("ยกเลิกแล้ว")

    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    by = models.ForeignKey(Person, models.PROTECT, related_name="jobs", null=True, blank=True)  # None: the clock
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="jobs", null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    params = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.PositiveIntegerField(default=0)  # a zombie with an old token writes nothing
    error_th = models.TextField(blank=True)
    error_en = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="job_to_sweep"),
            models.Index(fields=["by", "-id"], name="job_of_person"),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk} {self.state}"


class JobFile(models.Model):
    """A file a job reads or made. `path` is a random name under UPLOAD_DIR or EXPORT_DIR; `name` is data only."""

    class Folder(models.TextChoices):
        UPLOAD = "upload"
        EXPORT = "export"

    job = models.ForeignKey(Job, models.CASCADE, related_name="files")
    folder = models.CharField(max_length=10, choices=Folder.choices)
    role = models.CharField(max_length=20)  # source · result · refused · workbook · line_list
    path = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    rows = models.PositiveIntegerField(null=True, blank=True)
    downloads = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.name


class AuditEvent(models.Model):
    """Who did and who looked: written in the same transaction as the act (schools.audit), never changed."""

    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(Person, models.PROTECT, related_name="audit_events", null=True, blank=True)
    role = models.CharField(max_length=20, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    action = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=30, blank=True)
    object_key = models.CharField(max_length=60, blank=True)  # case number, job id, …: never a national ID
    result = models.CharField(max_length=20, default="ok")
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=36, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_kind", "object_key", "-id"], name="audit_of_object"),
            models.Index(fields=["person", "-id"], name="audit_of_person"),
            models.Index(fields=["action", "-id"], name="audit_of_action"),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_key}"
