"""The answer files of a dry run: every row with its verdict, and the refused rows alone, to be mended."""

import secrets
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from cases.intake.headings import CANONICAL
from cases.intake.importing import Request, limits_for
from cases.intake.plan import CHANGED, NEW, REFUSED, UNCHANGED, Decision
from cases.intake.report import Report
from cases.intake.template import XLSX, write_answer
from schools import clock
from schools.models import Job, JobFile
from schools.thaitime import thai_datetime

VERDICTS = {NEW: "ใหม่", CHANGED: "เปลี่ยน", UNCHANGED: "เหมือนเดิม", REFUSED: "ปฏิเสธ"}
EVERY_ROW_UP_TO = 20_000  # beyond, the file names only rows refused, changed or warned of
KEPT = 50_000
KEPT_FOR = timedelta(days=1)


class Answers:
    """Collects what is said of the rows as they are judged; bounded, and it says where it stopped."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, int], tuple[str, str, tuple[str, ...]]] = {}
        self._plain: dict[tuple[str, int], str] = {}
        self.rows = self.left_out = 0

    def note(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            self.rows += 1
            at = (decision.row.sheet, decision.row.number)
            findings = [*decision.refusals, *decision.warnings]
            if not findings and not decision.changes:
                if self.rows <= EVERY_ROW_UP_TO:
                    self._plain[at] = VERDICTS[decision.kind]
            elif len(self._told) >= KEPT:
                self.left_out += 1
            else:
                words = [f"{one.column}: {one.message_th}" if one.column else one.message_th for one in findings]
                words += [f"{change.column}: จะเปลี่ยน" for change in decision.changes]
                wrong = tuple(one.column for one in decision.refusals)
                self._told[at] = (VERDICTS[decision.kind], " · ".join(words), wrong)

    def write(self, job: Job, request: Request, report: Report) -> list[JobFile]:
        """Make the result file, and the refused one where rows were refused; their rows are for the caller to save."""
        told = self._placed(report)
        lines = [f"ตรวจเมื่อ {thai_datetime(clock.now())}", "แก้ในไฟล์ต้นฉบับแล้วนำเข้าใหม่ทั้งไฟล์ เพื่อให้เทียบกับฉบับก่อนได้ครบ"]
        if self.left_out:
            lines.append(f"มีอีก {self.left_out:,} แถวที่มีข้อสังเกตแต่ไม่ได้แสดงในไฟล์นี้")
        refused = {at: answer for at, answer in told.items() if answer[0] == VERDICTS[REFUSED]}
        every = self.rows <= EVERY_ROW_UP_TO
        if not every:
            lines.append(f"รายการมี {self.rows:,} แถว ไฟล์นี้แสดงเฉพาะแถวที่ถูกปฏิเสธ เปลี่ยน หรือมีคำเตือน")
        plain = {at: (verdict, "", frozenset()) for at, verdict in self._plain.items()} if every else {}
        files = [self._file(job, request, report, "result", plain | told, lines)]
        if refused:
            files.append(self._file(job, request, report, "refused", refused, lines))
        return files

    def _placed(self, report: Report) -> dict[tuple[str, int], tuple[str, str, frozenset[int]]]:
        """The answers with the positions of the wrong cells."""
        positions = {
            layout["sheet"]: {CANONICAL[column]: int(at) for at, column in layout["columns"].items()}
            for layout in report.layout
        }
        return {
            at: (verdict, words, frozenset(positions[at[0]][name] for name in wrong if name in positions[at[0]]))
            for at, (verdict, words, wrong) in self._told.items()
        }

    def _file(self, job: Job, request: Request, report: Report, role: str, told: dict, lines: list[str]) -> JobFile:
        settings.EXPORT_DIR.mkdir(parents=True, exist_ok=True)
        path = settings.EXPORT_DIR / secrets.token_hex(16)
        headings = {layout["sheet"]: tuple(layout["rows"]) for layout in report.layout}
        limits = limits_for(request.person)
        rows = write_answer(request.path, limits, path, told, headings, only_told=True, last_lines=lines)
        stem = Path(request.source_name).stem
        return JobFile(
            job=job,
            folder=JobFile.Folder.EXPORT,
            role=role,
            path=path.name,
            name=f"{stem} - {'ผลตรวจ' if role == 'result' else 'แถวที่ถูกปฏิเสธ'}.xlsx"[:255],
            content_type=XLSX,
            size=path.stat().st_size,
            rows=rows,
            expires_at=clock.now() + KEPT_FOR,
        )
