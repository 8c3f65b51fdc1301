"""PostgreSQL refuses two spans of one case that overlap on both clocks, once per statement (SPANS.md §8).

Not race-proof by itself: it relies on the case lock that lifecycle holds. SQLite has one writer and the property tests.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION span_refuse_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM new_spans n JOIN cases_span s ON s.case_id = n.case_id AND s.id <> n.id
    WHERE s.since < n.until AND n.since < s.until
      AND s.known_from < n.known_until AND n.known_from < s.known_until
  ) THEN
    RAISE EXCEPTION 'spans of one case overlap on both clocks' USING ERRCODE = 'exclusion_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER span_refuse_overlap AFTER INSERT ON cases_span
  REFERENCING NEW TABLE AS new_spans FOR EACH STATEMENT EXECUTE FUNCTION span_refuse_overlap();
"""
DROP = "DROP TRIGGER span_refuse_overlap ON cases_span; DROP FUNCTION span_refuse_overlap();"


def run(sql):
    def step(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return step


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunPython(run(CREATE), run(DROP))]
