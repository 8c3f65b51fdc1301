"""A child: one row per person for ever, with the identifiers it has had."""

from django.db import models

from schools.models import Amphoe, Province, Tambon


class Child(models.Model):
    """A person. Names as written; `search` and `sort_key` are made from them (schools.thaitext)."""

    class Sex(models.TextChoices):
        MALE = "M", "ชาย"
        FEMALE = "F", "หญิง"
        UNKNOWN = "", "ไม่ระบุ"

    title = models.CharField(max_length=40, blank=True)
    first_name = models.CharField(max_length=120)
    last_name = models.CharField(max_length=120, blank=True)
    sort_key = models.CharField(max_length=300, db_index=True)
    search = models.CharField(max_length=260)
    name_key = models.CharField(max_length=260, db_index=True)  # thaitext.name_key, for finding the same child
    sex = models.CharField(max_length=1, choices=Sex.choices, blank=True)
    birth_date = models.DateField(null=True, blank=True)  # 1 January when only the year is known
    birth_year_only = models.BooleanField(default=False)
    no_id_reason = models.CharField(max_length=200, blank=True)
    last_grade = models.CharField(max_length=40, blank=True)
    guardian_name = models.CharField(max_length=200, blank=True)
    guardian_phone = models.CharField(max_length=40, blank=True)
    house_no = models.CharField(max_length=60, blank=True)
    moo = models.CharField(max_length=10, blank=True)
    tambon = models.ForeignKey(Tambon, models.PROTECT, null=True, blank=True, db_index=False)
    amphoe = models.ForeignKey(Amphoe, models.PROTECT, null=True, blank=True, db_index=False)
    province = models.ForeignKey(Province, models.PROTECT, null=True, blank=True, db_index=False)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    # of a duplicate: whose row stands for this person now. Identifiers stay where they are, so a merge can be undone.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="duplicates")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["sort_key", "id"]

    def __str__(self):
        return f"{self.title}{self.first_name} {self.last_name}".strip()


class Identifier(models.Model):
    """A national ID or G-code: sealed, with a blind index for exact look-up. Never in a URL, log or queue."""

    class Kind(models.TextChoices):
        NATIONAL_ID = "national_id", "เลขประจำตัวประชาชน"
        G_CODE = "g_code", "รหัส G"

    child = models.ForeignKey(Child, models.PROTECT, related_name="identifiers")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    sealed = models.BinaryField()
    index = models.CharField(max_length=64, unique=True)  # HMAC of kind and value
    masked = models.CharField(max_length=24)  # at most four digits of it
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.masked
