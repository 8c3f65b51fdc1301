"""What is written in bulk is read back to the letter, on either database."""

import pytest
from django.db import connection

from cases.intake.copying import Columns, refresh_statistics
from cases.models import ChildList
from schools import clock

NASTY = ("ก\\nข", 'เขา"ว่า"', "แถบ\tและ\nบรรทัด", "\\N", "\\", "ปลาย\\", "\r", "é\u2028")


@pytest.mark.django_db
@pytest.mark.parametrize("text", NASTY)
def test_copy_nasty_text_and_json_come_back_unchanged(text):
    mapping = {text: [text, {"ใน": f"{text}{text}"}], "ว่าง": None, "เลข": 1.5}
    Columns(ChildList, ("name", "owner", "mapping", "created_at")).write([(text, "nation", mapping, clock.now())])
    kept = ChildList.objects.get()
    assert (kept.name, kept.mapping) == (text, mapping)


@pytest.mark.postgres
@pytest.mark.django_db
def test_planner_knows_a_table_filled_in_this_transaction():
    rows = [(f"บัญชี {number}", "nation", {}, clock.now()) for number in range(3_000)]
    Columns(ChildList, ("name", "owner", "mapping", "created_at")).write(rows)
    refresh_statistics([ChildList])
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'cases_childlist'")
        assert cursor.fetchone()[0] == 3_000
