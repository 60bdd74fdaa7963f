"""WHICH OPTIONS OF `tenq quantize` GO TOGETHER: those that exclude or need each other, or would do
nothing, are refused before any work."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from pathlib import Path

import typer

from assistant.errors import AssistantError

_SIZES = ("--plan", "--budget-mb", "--target-recovery")
_OF_A_SCHEME = {"--scheme", "--group-size", "--ends-bits", "--symmetric"}
_OF_PROMPTS = ("--samples", "--seed", "--exclude")
_OF_QUESTIONS = ("--store", "--questions")
_OF_AUTO = {"--auto", "--target-recovery", "--json", "--calibration", *_OF_PROMPTS, *_OF_QUESTIONS}
_DO_NOTHING_WITHOUT = {
    "--json": ("--auto",),
    "--swaps": ("--budget-mb",),
    **dict.fromkeys(_OF_PROMPTS, ("--calibration", "--auto")),
    **dict.fromkeys(_OF_QUESTIONS, ("--auto", "--target-recovery")),
}


def given_options(context: typer.Context) -> set[str]:
    """Those on the command line: "--samples", also with the value that it has without."""
    given = set()
    for option in context.command.params:
        source = context.get_parameter_source(option.name or "")
        if source is not None and source.name == "COMMANDLINE":
            off = context.params[option.name or ""] is False
            given.add((option.secondary_opts if off else option.opts)[0])
    return given - {"model", "--check"}


def check_options(
    given: Set[str], sensitivity: Path | None, sizes: Mapping[str, float | None]
) -> None:
    """AssistantError for those of `given` that cannot be obeyed together; `sizes` are the values of
    --budget-mb and --target-recovery."""
    auto, decide = "--auto" in given, [name for name in _SIZES if name in given]
    if auto and (beyond := sorted(given - _OF_AUTO)):
        raise AssistantError(
            f"--auto chooses by itself, and checks what it makes: leave out {', '.join(beyond)}"
        )
    if not auto and len(decide) > 1:
        raise AssistantError(
            "--plan, --budget-mb and --target-recovery exclude each other: each decides the size"
        )
    if {"--plan", "--sensitivity"} <= given:
        raise AssistantError("--plan and --sensitivity exclude each other: a plan is made already")
    if not auto and given & {*_SIZES, "--sensitivity"} and given & _OF_A_SCHEME:
        raise AssistantError(
            "a plan gives each layer its own bits: leave out --scheme, --group-size, --ends-bits "
            "and --symmetric"
        )
    if not auto and decide and not given & {"--plan", "--sensitivity"}:
        raise AssistantError(
            "--budget-mb and --target-recovery need --sensitivity LOSSES.json: measure it with "
            "--calibration FILINGS"
        )
    for name in ("--out", "--no-check"):
        if {"--sensitivity", name} <= given and not decide:
            raise AssistantError(
                f"{name} needs --budget-mb or --target-recovery: else no model is made"
            )
    if sensitivity and not sensitivity.absolute().parent.is_dir():
        raise AssistantError(f"cannot write {sensitivity}: there is no such folder")
    for name, value in sizes.items():
        if value is not None and not 0 < value < math.inf:  # typer's bounds let "nan" pass
            raise AssistantError(f"{name} {value:g} is no size or share to aim at")
    for name, needed in _DO_NOTHING_WITHOUT.items():
        if name in given and not given & set(needed):
            raise AssistantError(f"{name} does nothing without {' or '.join(needed)}: leave it out")
