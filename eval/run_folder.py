"""A RUN'S FOLDER: what was asked, what was answered, and everything a report needs, as files.

    run.json              the plan as given, machine, versions, models, sets, and the list of cells
    sets/NAME.jsonl       the questions as they were asked
    cells/CELL.json       of one model, set and evidence mode: keys of the answers that count
    cells/CELL.jsonl      those answers, one a line, with the prompts (eval.records)
    fidelity.json, speed.json      where the plan asks for them, with a key of what decides them

A report is made from these alone: no model and no store is needed, and answers are graded anew.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from eval.errors import EvaluationError, shortened
from eval.questions import Question, read_jsonl
from eval.records import Records
from eval.run_plan import Mode
from quantize.errors import MALFORMED

FORMAT = 1
_Args = ParamSpec("_Args")
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Cell:
    """One model's answers to one set in one evidence mode; `keys` are (question id, key of the
    answer that counts), in the order asked."""

    model: str
    set: str
    evidence: Mode
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """For file names: unlike for any two cells."""
        model = re.sub(r"[^A-Za-z0-9.-]+", "_", self.model)[-60:]
        digest = hashlib.sha256(self.model.encode()).hexdigest()[:6]
        return f"{self.set}.{self.evidence}.{model}-{digest}"


def says_damage(
    read: Callable[Concatenate[RunFolder, _Args], _Found],
) -> Callable[Concatenate[RunFolder, _Args], _Found]:
    """A function that reads a run's folder: what nobody wrote there becomes one line."""

    @functools.wraps(read)
    def reads(folder: RunFolder, /, *args: _Args.args, **more: _Args.kwargs) -> _Found:
        try:
            return read(folder, *args, **more)
        except (*MALFORMED, ArithmeticError) as error:
            said = shortened(f"{type(error).__name__}: {error}")
            raise EvaluationError(
                f"{folder.path} is damaged ({said}); run the plan again"
            ) from error

    return reads


class RunFolder:
    """Reads and writes one run's files. EvaluationError where it cannot."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Make the folder, and hold it: a second process waits."""
        from quantize.building import alone

        try:
            for folder in (self.path / "sets", self.path / "cells"):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EvaluationError(f"cannot write {self.path}: {error.strerror or error}") from error
        with alone(self.path):
            yield

    @contextmanager
    def at_rest(self) -> Iterator[bool]:
        """Whether nobody is making this run, and nobody will while this is held. `records` mends
        what a kill left behind: it is not for a run that is being made."""
        from quantize.building import at_rest

        with at_rest(self.path) as resting:
            yield resting

    def read(self) -> dict[str, Any]:
        """run.json. EvaluationError where this is no run's folder, or one of another format."""
        run = self.read_json("run.json")
        if run is None:
            raise EvaluationError(
                f"{self.path} holds no evaluation run; make one with `tenq eval run PLAN.toml`"
            )
        if run.get("format") != FORMAT:
            raise EvaluationError(
                f"{self.path} was written by another version of Tenq (format {run.get('format')}, "
                f"not {FORMAT}); run its plan again into another folder"
            )
        return run

    def read_json(self, name: str) -> dict[str, Any] | None:
        """A file of the folder; None where there is none."""
        file = self.path / name
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise EvaluationError(f"cannot read {file}: {error.strerror or error}") from error
        except (ValueError, RecursionError) as error:
            raise EvaluationError(f"{file} is damaged ({error}); run the plan again") from error
        if not isinstance(found, dict):
            raise EvaluationError(f"{file} is damaged (no JSON object); run the plan again")
        return found

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        """Whole or not at all."""
        self._write(name, json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    def write_cell(self, cell: Cell) -> None:
        """Which answers count."""
        self.write_json(f"cells/{cell.name}.json", asdict(cell))

    def read_cell(self, name: str) -> Cell:
        """As written."""
        found = self.read_json(f"cells/{name}.json") or {}
        try:
            keys = tuple((str(one), str(key)) for one, key in found["keys"])
            return Cell(found["model"], found["set"], found["evidence"], keys)
        except (KeyError, TypeError, ValueError) as error:
            raise EvaluationError(
                f"{self.path}/cells/{name}.json is damaged or missing; run the plan again"
            ) from error

    def records(self, cell: Cell) -> Records:
        """The cell's finished answers."""
        return Records(self.path / "cells" / f"{cell.name}.jsonl")

    def write_set(self, name: str, questions: Sequence[Question]) -> None:
        """The questions as they are asked."""
        lines = (json.dumps(asdict(question), ensure_ascii=False) for question in questions)
        self._write(f"sets/{name}.jsonl", "".join(line + "\n" for line in lines))

    def read_set(self, name: str) -> dict[str, Question]:
        """The questions by their ids."""
        file = self.path / "sets" / f"{name}.jsonl"
        try:
            read = [Question(**_in_tuples(record)) for _, record in read_jsonl(file)]
        except TypeError as error:
            raise EvaluationError(f"{file} is damaged; run the plan again") from error
        return {question.id: question for question in read}

    def _write(self, name: str, text: str) -> None:
        file = self.path / name
        beside = file.with_name(f"{file.name}.{os.getpid()}.new")
        try:
            with beside.open("w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(file)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise EvaluationError(f"cannot write {file}: {error.strerror or error}") from error


def _in_tuples(record: dict[str, Any]) -> dict[str, Any]:
    """JSON's lists back to the tuples that a Question is made of."""

    def tupled(value: Any) -> Any:
        return tuple(tupled(each) for each in value) if isinstance(value, list) else value

    return {name: tupled(value) for name, value in record.items()}
