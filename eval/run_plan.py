"""PLAN.toml -> what an evaluation run asks whom, checked before the work begins.

    store = "stores/default"                # optional: the default store

    [[models]]
    full = "qwen2.5-coder-1.5b"
    schemes = ["bf16", "int8", "int4"]      # made from it by `tenq quantize`
    reference = "bf16"                      # optional: its answers stand for the full model's
    others = ["folder/of/another"]          # further models to compare with it

    [[questions]]
    name = "lookups"
    make = 2000                             # from the facts of the store; or: file = "q.jsonl"
    unanswerable = 100
    evidence = ["gold"]                     # and, or, "retrieved"

    [fidelity]
    texts = "held-out"                      # not what the models were calibrated on

    [speed]
    runs = 5

    [gate]                                  # see eval.gate
    min_recovery = 0.98

Paths are relative to the plan's folder. Every model answers every set in every evidence mode.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.errors import EvaluationError, shortened
from eval.lookups import SEED

Mode = Literal["gold", "retrieved"]
_T = TypeVar("_T", bound=BaseModel)
Share = Annotated[float, Field(gt=0, le=2)]
Some = Annotated[int, Field(ge=1, le=1_000_000)]


class _Strict(BaseModel):
    """Unknown keys and wrong kinds are mistakes, not to be guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Family(_Strict):
    """A full model and those that are compared with it: `schemes` made from it by `tenq quantize`,
    and `others`. With `reference` the full model is not asked itself: its weights at 16 bits on the
    engine of the quantized ones answer in its place, several times faster. How near the two are,
    fidelity says."""

    full: str
    schemes: list[str] = []
    others: list[str] = []
    reference: Literal["bf16"] | None = None

    @model_validator(mode="after")
    def _reference_is_made(self) -> Family:
        if self.reference and self.reference not in self.schemes:
            raise ValueError(f"reference: {self.reference} must be one of the schemes, too")
        return self

    @property
    def all(self) -> list[str]:
        """As MODEL, the full one first."""
        return [self.full, *(f"{self.full}/{scheme}" for scheme in self.schemes), *self.others]

    @property
    def answering(self) -> list[str]:
        """Those that are asked, the one that the others are compared with first."""
        if self.reference is None:
            return self.all
        first = f"{self.full}/{self.reference}"
        return [first, *(name for name in self.all[1:] if name != first)]


class QuestionSet(_Strict):
    """Questions under a name: those of a `file`, or `make` of them (and `unanswerable`) from the
    facts of the store; of either the first `limit`."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$")]
    evidence: Annotated[list[Mode], Field(min_length=1)] = ["gold"]
    file: str | None = None
    make: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    unanswerable: Annotated[int, Field(ge=0, le=100_000)] = 0
    seed: int = SEED
    limit: Some | None = None

    @model_validator(mode="after")
    def _one_source(self) -> QuestionSet:
        if (self.file is None) == (self.make is None):
            raise ValueError("give either file or make")
        if self.make == 0 and not self.unanswerable:
            raise ValueError("make: at least 1 where there are no unanswerable ones")
        return self


class FidelityPlan(_Strict):
    """See `tenq eval fidelity`."""

    texts: str
    windows: Annotated[int, Field(ge=2, le=100_000)] = 32
    window_tokens: Annotated[int, Field(ge=32, le=32_000)] = 512


class SpeedPlan(_Strict):
    """See `tenq eval speed`."""

    runs: Annotated[int, Field(ge=1, le=1000)] = 5
    prompt_tokens: Annotated[int, Field(ge=128, le=32_000)] = 1024
    new_tokens: Annotated[int, Field(ge=2, le=4096)] = 64


class Limits(_Strict):
    """What may be lost: at least `min_recovery` of the full model's right answers are kept, at most
    `margin` of accuracy (a share: 0.01 is one point) is lost. Both where both are given."""

    min_recovery: Share | None = None
    margin: Annotated[float, Field(ge=0, lt=1)] | None = None


class GatePlan(Limits):
    """Limits over all questions of the `sets` (default: every set), and for kinds of question on
    their own. `confidence` is one-sided."""

    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    sets: list[str] = []
    types: dict[str, Limits] = {}


class RunPlan(_Strict):
    """A plan as read."""

    title: str = ""
    store: str | None = None
    figures: bool = False
    batch: Annotated[int, Field(ge=1, le=256)] = 64
    models: Annotated[list[Family], Field(min_length=1)]
    questions: Annotated[list[QuestionSet], Field(min_length=1)]
    fidelity: FidelityPlan | None = None
    speed: SpeedPlan | None = None
    gate: GatePlan | None = None

    @model_validator(mode="after")
    def _names_differ(self) -> RunPlan:
        labels = [label for each in self.models for label in each.all]
        sets = [each.name for each in self.questions]
        for what, names in (("model", labels), ("question set", sets)):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice:
                raise ValueError(f"the {what} {twice!r} stands twice; once is enough")
        unknown = set(self.gate.sets if self.gate else ()) - set(sets)
        if unknown:
            raise ValueError(f"gate: there is no question set {min(unknown)!r}")
        return self


def read_plan(path: Path) -> tuple[RunPlan, str]:
    """The plan and its text. Raises EvaluationError naming the file and the key that is wrong."""
    text = _toml_text(path)
    return parsed(RunPlan, text, path), text


def read_limits(path: Path) -> GatePlan:
    """A file with the keys of a plan's [gate]."""
    return parsed(GatePlan, _toml_text(path), path)


def parsed(kind: type[_T], text: str, path: Path) -> _T:
    """`text` as TOML. EvaluationError where it is none, or not of this kind."""
    try:
        return kind.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise EvaluationError(f"{path} is not a TOML file: {shortened(str(error))}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = shortened(".".join(str(part) for part in first["loc"]))
        said = shortened(first["msg"].removeprefix("Value error, "))
        raise EvaluationError(f"{path}{f', {where}' if where else ''}: {said}") from error


def _toml_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EvaluationError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path} is not UTF-8 text; save it as UTF-8") from error
