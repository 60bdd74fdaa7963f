"""Evaluation runs on disk, as the Quality tab lists and shows them.

A run that somebody is making is listed but not read: reading its answers could cut off a line that
is just being written.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.app.problems import one_line
from eval.errors import EvaluationError
from eval.gate import judged
from eval.run_folder import RunFolder
from eval.run_report import report_html

State = Literal["finished", "unfinished", "running"]
_KEPT = 4  # reports in memory: each may take a few MB, and seconds to make


@dataclass(frozen=True)
class Run:
    """A run's folder by its `name`; `stamp` changes with its files."""

    name: str
    title: str
    started: str
    state: State
    stamp: int

    @property
    def label(self) -> str:
        """ "Nightly · 2026-11-25 14:28 · finished"."""
        return f"{self.title} · {self.started[:16].replace('T', ' ')} · {self.state}"


@dataclass(frozen=True)
class Report:
    """What a run shows: the summary of `tenq eval report` with its gate, and the page."""

    run: Run
    summary: dict[str, Any]
    page: str


class Runs:
    """The runs in `folder`, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._finished: dict[tuple[str, int], bool] = {}
        self._reports: dict[tuple[str, int], Report] = {}
        self._making = threading.Lock()

    def all(self) -> tuple[list[Run], list[str]]:
        """The runs, newest first, and a line for each that cannot be read."""
        runs, problems = [], []
        for path in sorted(self.folder.iterdir()) if self.folder.is_dir() else ():
            if not (path / "run.json").is_file():
                continue
            try:
                runs.append(self._run(path))
            except Exception as error:
                problems.append(f"{path.name}: {one_line(error)}")
        return sorted(runs, key=lambda run: (run.started, run.name), reverse=True), problems

    def report(self, run: Run) -> Report:
        """EvaluationError where the run is being made, or is damaged."""
        key = run.name, run.stamp
        # One at a time: the second reader of a run finds it made.
        with self._making:
            if key not in self._reports:
                self._reports[key] = self._report(run)
            while len(self._reports) > _KEPT:
                del self._reports[next(iter(self._reports))]
            return self._reports[key]

    def _run(self, path: Path) -> Run:
        folder = RunFolder(path)
        known, stamp = folder.read(), _stamp(path)
        try:
            title, started = str(known["title"]), str(known["started"])
            with folder.at_rest() as resting:
                state: State = "running"
                if resting:
                    state = "finished" if self._is_finished(folder, stamp) else "unfinished"
        except (KeyError, TypeError, AttributeError) as error:
            raise EvaluationError(f"{path / 'run.json'} is damaged; run the plan again") from error
        return Run(path.name, title, started, state, stamp)

    def _is_finished(self, folder: RunFolder, stamp: int) -> bool:
        key = folder.path.name, stamp
        if key not in self._finished:
            cells = [folder.read_cell(name) for name in folder.read()["cells"]]
            self._finished[key] = all(
                records.get(answer) is not None
                for cell in cells
                for records in [folder.records(cell)]
                for _, answer in cell.keys
            )
        return self._finished[key]

    def _report(self, run: Run) -> Report:
        folder = RunFolder(self.folder / run.name)
        with folder.at_rest() as resting:
            if not resting:
                raise EvaluationError(
                    f"{run.title} is being made: it can be shown when it is finished or stopped"
                )
            try:
                summary = judged(folder)
                return Report(run, summary, report_html(summary))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise EvaluationError(
                    f"{folder.path} is damaged ({type(error).__name__}); run the plan again"
                ) from error


def _stamp(path: Path) -> int:
    """Of the names, sizes and times of a folder's files."""
    files = [(file, file.stat()) for file in sorted(path.rglob("*")) if file.is_file()]
    return hash(tuple((str(file), one.st_size, one.st_mtime_ns) for file, one in files))
