"""What an import says of itself: counts, refusals, warnings, changes; the same for page, file and command line.

Kept bounded: beyond a number of lines of one kind only the count grows, and the report says so.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from cases.intake.findings import Finding
from cases.intake.plan import CHANGED, REFUSED, Decision
from cases.intake.reading import Spool
from cases.intake.refusal import SheetRefused
from schools.language import spoken

KEPT_REFUSALS = 10_000
KEPT_WARNINGS = 100  # of one code
KEPT_CHANGES = 500
COUNTED = ("rows", "new", "changed", "unchanged", "gone", "refused")


@dataclass
class Report:
    """The result of a dry run or a commit."""

    counts: Counter = field(default_factory=Counter)
    refusals: list[Finding] = field(default_factory=list)
    refusal_count: int = 0
    warnings: list[Finding] = field(default_factory=list)
    warning_counts: Counter = field(default_factory=Counter)
    changes: list[dict] = field(default_factory=list)
    changed_cells: int = 0
    refused_names: dict[int, str] = field(default_factory=dict)
    list_date: date | None = None
    layout: list[dict] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)  # the first of them: case number, name
    skipped: tuple[str, str] | None = None
    holds: dict[str, str] = field(default_factory=dict)  # case number → reference quoted to the importer
    version: int | None = None  # of the list, where something landed

    def note(self, decisions: list[Decision]) -> None:
        """Count a batch of decisions and keep what can be shown of it."""
        for decision in decisions:
            self.counts[decision.kind] += 1
            self.counts["rows"] += 1
            for warning in decision.warnings:
                self.warn(warning)
            if decision.kind == REFUSED:
                self._refused(decision)
            elif decision.kind == CHANGED:
                self._changed(decision)

    def _refused(self, decision: Decision) -> None:
        self.refusal_count += len(decision.refusals)
        for refusal in decision.refusals:
            if len(self.refusals) < KEPT_REFUSALS:
                self.refusals.append(refusal)
        row = decision.row
        if len(self.refused_names) < KEPT_CHANGES:
            self.refused_names[row.number] = f"{row.title}{row.first_name} {row.last_name}".strip()
        if decision.held and len(self.holds) < KEPT_CHANGES:
            self.holds[decision.held[0]] = decision.held[1]

    def _changed(self, decision: Decision) -> None:
        self.changed_cells += len(decision.changes)
        if len(self.changes) < KEPT_CHANGES:
            row = decision.row
            self.changes.append(
                {
                    "row": row.number,
                    "case": decision.case.number,
                    "name": f"{row.title}{row.first_name} {row.last_name}".strip(),
                    "cells": [
                        [change.column, change.field, change.old if decision.sees_names else None, change.new]
                        for change in decision.changes
                    ],
                    "joins": decision.entry is None,
                }
            )

    def warn(self, warning: Finding) -> None:
        self.warning_counts[warning.code] += 1
        if self.warning_counts[warning.code] <= KEPT_WARNINGS:
            self.warnings.append(warning)

    def describe(self, spool: Spool, list_date: date) -> None:
        """Take over what the reading of the file found out."""
        self.list_date, self.skipped = list_date, spool.skipped.message()
        for notice in spool.notices:
            self.warn(notice)
        if self.skipped:
            self.warn(Finding(None, "", "skipped", *self.skipped))
        for layout in spool.layouts:
            self.layout.append(
                {
                    "sheet": layout.sheet,
                    "rows": [layout.first, layout.last],
                    "columns": {str(at): column for at, column in layout.columns.items()},
                    "headings": {str(at): text for at, text in layout.headings.items()},
                    "unknown": {str(at): text for at, text in layout.unknown.items()},
                }
            )

    def defaulted(self, rows: int) -> None:
        """One warning for all rows without a category."""
        if rows:
            self.warn(
                Finding(
                    None,
                    "ประเภท",
                    "category_default",
                    f"ไม่ได้ระบุประเภท {rows:,} แถว ถือเป็น ออกกลางคัน",
                    f"Rows that say no category: {rows:,}; taken as dropout.",
                )
            )

    def refuse_file(self, refusal: SheetRefused) -> None:
        """The file as a whole was refused."""
        column = getattr(refusal, "column", "")
        self.refusals.append(Finding(None, column, refusal.code, refusal.message_th, refusal.message_en))
        self.refusal_count += 1

    def told_warnings(self) -> list[Finding]:
        """The warnings, with a closing line for each kind of which some were left out."""
        rest = [
            Finding(None, "", code, f"และอีก {count - KEPT_WARNINGS:,} แถว", f"and {count - KEPT_WARNINGS:,} more rows")
            for code, count in self.warning_counts.items()
            if count > KEPT_WARNINGS
        ]
        return self.warnings + rest

    def as_json(self) -> dict:
        """The object of the command line and the API, in the language in force."""
        result: dict = {name: self.counts[name] for name in COUNTED}
        result["refusals"] = [line(refusal) for refusal in self.refusals]
        if self.refusal_count > len(self.refusals):
            result["refusals_left_out"] = self.refusal_count - len(self.refusals)
        result["warnings"] = [line(warning) for warning in self.told_warnings()]
        return result

    def as_result(self) -> dict:
        """What a job's row keeps for the page: both languages, shortened."""
        return {
            "counts": {name: self.counts[name] for name in COUNTED},
            "refusals": [list(one) for one in self.refusals[:KEPT_CHANGES]],
            "refusal_count": self.refusal_count,
            "refused_names": {str(row): name for row, name in self.refused_names.items()},
            "warnings": [list(one) for one in self.told_warnings()],
            "changes": self.changes,
            "changed_cells": self.changed_cells,
            "gone": self.gone,
            "list_date": self.list_date.isoformat() if self.list_date else None,
            "layout": self.layout,
            "skipped": list(self.skipped) if self.skipped else None,
            "version": self.version,
        }


def line(finding: Finding) -> dict:
    return {"row": finding.row, "column": finding.column or None, "code": finding.code, "message": spoken(finding)}
