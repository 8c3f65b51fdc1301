"""Owns what a figure of the bench is: sides run in turn, medians, ratios, peak memory, and the printed table."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

MEMORY_AIM = 300  # MB of a worker, whatever the file (PERFORMANCE.md)


@dataclass
class Row:
    """One line of the table. Times in seconds; `rivals` maps a name to its seconds; `memory` in MB of the worker."""

    work: str
    floor: str
    floor_seconds: float
    seconds: float
    aim: float | None
    runs: int
    rivals: dict[str, float] = field(default_factory=dict)
    memory: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor_seconds

    @property
    def verdict(self) -> str:
        if self.aim is None:
            return "–"
        if self.ratio <= self.aim:
            return f"≤ {self.aim:g} ✓"
        return f"≤ {self.aim:g} ✗ ({self.ratio / self.aim:.1f} × over)"

    def cells(self) -> list[str]:
        rivals = ", ".join(f"{name} {spent / self.floor_seconds:,.3g}" for name, spent in self.rivals.items())
        memory = "–"
        if self.memory is not None:
            memory = f"{self.memory:.0f} {'✓' if self.memory <= MEMORY_AIM else '✗'}"
        return [
            self.work,
            f"{self.floor} ({shown(self.floor_seconds)})",
            f"**{self.ratio:,.3g}** ({shown(self.seconds)})",
            self.verdict,
            rivals or "–",
            memory,
            str(self.runs),
        ]


HEADINGS = ("work", "floor", "ours × floor", "aim", "rivals × floor", f"worker MB (aim ≤ {MEMORY_AIM})", "runs")


def shown(seconds: float) -> str:
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table, notes below it."""
    rows = list(rows)
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *(row.cells() for row in rows)]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    notes = "\n".join(f"- {row.work}: {row.note}" for row in rows if row.note)
    return f"{text}\n\n{notes}\n" if notes else f"{text}\n"


def in_turn(runs: int, **sides: Callable[[], float]) -> dict[str, float]:
    """Median of each side's own seconds over `runs` rounds; the sides run in turn, so that noise meets them alike."""
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(runs):
        for name, side in sides.items():
            spent[name].append(side())
    return {name: statistics.median(seconds) for name, seconds in spent.items()}


def timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    started = clock()
    work()
    return clock() - started


# ── one side in a process of its own ──────────────────────────────────────────────────────────────────────────────────
@dataclass
class Worker:
    """Runs tasks of dropout.bench.worker, each in a fresh process, and remembers the largest memory of each."""

    peaks: dict[str, float] = field(default_factory=dict)

    def seconds(self, task: str, *arguments: object) -> float:
        """The seconds the task spent on its work (not on starting). RuntimeError with its words when it fails."""
        command = [sys.executable, "-m", "dropout.bench.worker", task, json.dumps(arguments, default=str)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)  # noqa: S603
        if done.returncode:
            raise RuntimeError(f"{task} failed:\n{done.stderr[-3_000:]}")
        said = json.loads(done.stdout.splitlines()[-1])
        self.peaks[task] = max(self.peaks.get(task, 0), said["megabytes"])
        return said["seconds"]


def peak_megabytes() -> float:
    """The most this process, or the largest child it waited for, ever held.

    From /proc, where it counts from the program's start; getrusage also counts what the starting process held.
    """
    own = next((line for line in _status() if line.startswith("VmHWM")), None)
    kilobytes = int(own.split()[1]) if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return max(kilobytes, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def _status() -> list[str]:
    path = Path("/proc/self/status")
    return path.read_text().splitlines() if path.exists() else []
