"""`tenq quantize`: one scheme, a plan of bits per layer, or the best of what suits the machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.errors import AssistantError
from assistant.quantize_options import check_options, given_options

if TYPE_CHECKING:
    from assistant.calibration import Excluded
    from quantize.calibration import Calibration
    from quantize.checkpoint import Manifest
    from quantize.plan import FrontPoint, Plan
    from quantize.schemes import Scheme
    from quantize.sensitivity import LayerLoss, MeasuredOn

_TARGET = 0.98


@dataclass(frozen=True)
class _Asked:
    """What the command line says of texts and questions."""

    model: str
    calibration: Path | None
    samples: int
    seed: int
    exclude: Sequence[Path]
    store: Path | None
    questions: int


def quantize_command(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="Packaged name, hub id, folder or .gguf.")],
    scheme: Annotated[
        str | None,
        typer.Option(help="int8, int4 (default), int4-awq, w8a8, bf16, bnb-int8 or bnb-nf4."),
    ] = None,
    auto: Annotated[
        bool,
        typer.Option("--auto", help="Try the schemes that suit this machine, take the fastest."),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="New folder for the result.")] = None,
    check: Annotated[
        bool, typer.Option(help="Load the result in a new process and compare greedy tokens.")
    ] = True,
    calibration: Annotated[
        Path | None,
        typer.Option(
            help="What to calibrate on: a store, a filing, a folder of them, or a JSONL with a "
            "field text. Filings become prompts as the assistant makes them."
        ),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, max=4096, help="Calibration prompts.")] = 32,
    seed: Annotated[int, typer.Option(help="Which prompts are made.")] = 20_111,
    exclude: Annotated[
        list[Path] | None,
        typer.Option(help="Question file of an evaluation: what it asks about is left out."),
    ] = None,
    group_size: Annotated[
        int | None, typer.Option(help="int4: weights that share a scale: 32, 64, 128 or 256.")
    ] = None,
    ends_bits: Annotated[
        int | None, typer.Option(help="int4: embedding and output layer at 4, 8 or 16 bits.")
    ] = None,
    symmetric: Annotated[
        bool | None, typer.Option("--symmetric", help="int4: without zero points.")
    ] = None,
    sensitivity: Annotated[
        Path | None,
        typer.Option(
            help="What each layer's precision costs, as JSON: read if the file is there, else "
            "measured on --calibration and written. Alone: as a table."
        ),
    ] = None,
    budget_mb: Annotated[
        float | None,
        typer.Option(help="Give each layer the bits that cost least within N megabytes."),
    ] = None,
    target_recovery: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=1.5,
            help="Right answers to keep of the full model's: with --auto (default 0.98), or with "
            "--sensitivity for the smallest plan that keeps them.",
        ),
    ] = None,
    swaps: Annotated[
        int,
        typer.Option(
            min=0,
            max=1000,
            help="Swaps of layers' bits to try on the calibration texts; none by default: on the "
            "default model they made other texts worse (README, Mixed precision).",
        ),
    ] = 0,
    plan: Annotated[
        Path | None, typer.Option(help="JSON file with the bits of every layer; edit it at will.")
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Store that questions for the recovery are made from.")
    ] = None,
    questions: Annotated[int, typer.Option(min=5, max=100_000, help="How many.")] = 40,
    json_out: Annotated[Path | None, typer.Option("--json", help="--auto: table as JSON.")] = None,
) -> None:
    """Quantize MODEL, save it with a manifest, print the bits of every layer.

    int4-awq and w8a8 need --calibration. Mixed precision: --sensitivity LOSSES.json with
    --calibration FILINGS measures the layers; with --budget-mb N or --target-recovery R the model
    is made, too, its weights rounded without the texts; --plan FILE makes one from a plan, with
    --calibration by AWQ and scale estimation. --auto tries, measures and picks.
    """
    from assistant.home import ask_store, models_dir
    from quantize.quantize import check_calibration, quantize
    from quantize.schemes import mixed, scheme_named

    asked = _Asked(model, calibration, samples, seed, exclude or (), store, questions)
    sizes = {"--budget-mb": budget_mb, "--target-recovery": target_recovery}
    check_options(given_options(context), sensitivity, sizes)
    chosen_scheme = scheme_named(scheme or "int4", group_size, ends_bits, symmetric)
    if auto:
        _auto(asked, target_recovery or _TARGET, json_out)
        return
    if not (plan or sensitivity):
        check_calibration(chosen_scheme, calibration is not None)
    chosen = _read_plan(model, plan) if plan else None
    made = mixed({}) if plan or sensitivity else chosen_scheme
    alone = sensitivity is not None and budget_mb is None and target_recovery is None
    measured = sensitivity is not None and (budget_mb is not None or not sensitivity.exists())
    _check_room(model, None if alone else made, out, measured, target_recovery is not None)
    if sensitivity and not alone and (target_recovery is not None or not sensitivity.exists()):
        _check_new(model, out)
    if target_recovery is not None:
        ask_store(store).close()  # says so where there is none
    prompts = _prompts(asked) if calibration else None
    if sensitivity:
        chosen = _plan(asked, sensitivity, budget_mb, target_recovery, prompts, swaps)
        if chosen is None:
            return
    # The texts that losses were measured on do not round the weights as well: with AWQ and scale
    # estimation the default model came out worse on other filings by the same plan, never better.
    rounding = None if sensitivity else prompts
    _print_made(*quantize(model, chosen_scheme, out, models_dir(), check, chosen, rounding))


def _check_new(model: str, out: Path | None) -> None:
    """Before hours of measuring, of which nobody knows what plan they give: there is no other model
    where the one made by it goes."""
    from assistant.home import models_dir
    from quantize.quantize import place_of
    from quantize.schemes import mixed
    from quantize.sources import bring

    target = place_of(bring(model, models_dir()), mixed({}), out, models_dir())
    if target.exists():
        raise AssistantError(
            f"{target} holds a model already, made by a plan that is not known to be the one to "
            "come; choose another --out or delete it"
        )


def _check_room(
    model: str, scheme: Scheme | None, out: Path | None, measured: bool, tried: bool
) -> None:
    """Before prompts are made, which takes minutes of a folder of filings: there are memory and
    disk to make the model (of `scheme`), to have it `measured` layer by layer or as a whole, and to
    make it where models are `tried`; what is made already needs none. And nothing else is where it
    goes."""
    from assistant.home import models_dir
    from quantize.quantize import check_fits, check_place, place_of
    from quantize.room import check_comparing, check_measuring
    from quantize.sources import bring

    source = bring(model, models_dir())
    if measured:
        check_measuring(source)
    if scheme is None:
        return
    target = place_of(source, scheme, out, models_dir())
    if check_place(target, source, scheme) is None:
        check_fits(source, scheme, target)
        if tried:
            check_comparing(source)
            check_fits(source, scheme, models_dir() / "trial")


def _print_made(folder: Path, manifest: Manifest) -> None:
    from quantize.layers import table

    print(table(manifest.layers))
    print(
        f"{manifest.bytes_before / 1e6:,.0f} MB -> {manifest.bytes_after / 1e6:,.0f} MB on disk: "
        f"{manifest.ratio:.2f} times smaller than 16 bit"
    )
    peak = manifest.peak_memory_bytes
    took = f", {peak / 1e9:.1f} GB of memory at its peak" if peak else ""
    print(f"made and checked in {manifest.seconds:,.0f} s{took}")
    if manifest.source["rebuilt_from"]:
        print(f"note: the full model is itself rebuilt from {manifest.source['rebuilt_from']}")
    if manifest.calibration:
        about = manifest.calibration
        kinds = ", ".join(f"{n} {kind}" for kind, n in about["kinds"].items())
        only_chosen = manifest.scheme == "mixed" and not manifest.parameters.get("awq")
        how = "layers chosen" if only_chosen else "calibrated"
        print(f"{how} on {about['samples']} texts of {about['source']}: {kinds}")
    print(folder)


def _excluded(asked: _Asked) -> Excluded:
    """Questions that texts are not to be made of, with their pages."""
    from eval.questions import read_questions

    return [
        (question.question, tuple(question.right_pages))
        for file in asked.exclude
        for question in read_questions(file)
    ]


def _prompts(asked: _Asked) -> Calibration:
    """The calibration prompts, in MODEL's own chat format."""
    from transformers import AutoTokenizer

    from assistant.calibration import calibration_prompts
    from assistant.home import default_store, models_dir
    from quantize.sources import bring

    tokenizer = AutoTokenizer.from_pretrained(bring(asked.model, models_dir()).folder)
    source = asked.calibration or asked.store or default_store()
    return calibration_prompts(source, tokenizer, asked.samples, asked.seed, _excluded(asked))


def _read_plan(model: str, file: Path) -> Plan:
    """Read and compared with the model, before anything that takes long."""
    from assistant.home import models_dir
    from quantize.plan import read_plan
    from quantize.quantize import check_plan
    from quantize.sources import bring

    plan = read_plan(file)
    check_plan(plan, bring(model, models_dir()))
    return plan


def _plan(
    asked: _Asked,
    sensitivity: Path,
    budget_mb: float | None,
    target: float | None,
    prompts: Calibration | None,
    swaps: int,
) -> Plan | None:
    """The plan asked for, if one is, made and written beside the losses."""
    from assistant.home import models_dir
    from quantize.plan import Plan, best_within, front, save_plan
    from quantize.sources import bring

    alone = budget_mb is None and target is None
    losses, chosen_by = _losses(asked.model, sensitivity, prompts, alone)
    source = bring(asked.model, models_dir())
    if budget_mb is not None:
        budget = int(budget_mb * 1e6)
        point = best_within(losses, budget)
        if chosen_by:
            point = _as_a_whole(source.folder, losses, point, chosen_by, budget, swaps)
        path = sensitivity.with_suffix(f".{budget_mb:g}mb.plan.json")
    elif target is not None:
        shown = chosen_by.texts if chosen_by else []
        point = _smallest(asked, front(losses), source.sha256, target, shown)
        path = sensitivity.with_suffix(f".{target:g}.plan.json")
    else:
        return None
    made = Plan(source.model, source.sha256, point.layers, chosen_by)
    path = _beside_others(path, made)
    save_plan(made, path)
    print(f"{path}: {point.bytes / 1e6:,.0f} MB, {point.loss:.4f} nats a token predicted")
    return made


def _beside_others(path: Path, plan: Plan) -> Path:
    """`path`, or where it holds another plan, which a person may have edited, the first like it
    that does not: l.900mb.plan.json, l.900mb-2.plan.json."""
    stem = path.name.removesuffix(".plan.json")
    others = (path.with_name(f"{stem}-{number}.plan.json") for number in count(2))
    return next(each for each in chain([path], others) if _is_free(each, plan))


def _is_free(path: Path, plan: Plan) -> bool:
    from quantize.errors import SchemeError
    from quantize.plan import read_plan

    if not path.exists():
        return True
    try:
        there = read_plan(path)
    except SchemeError:  # half edited
        return False
    return (there.sha256, there.layers) == (plan.sha256, plan.layers)


def _losses(
    model: str, file: Path, prompts: Calibration | None, alone: bool
) -> tuple[list[LayerLoss], Calibration | None]:
    """Of the file, or measured now and written to it; and the texts. Told, with the front drawn
    beside the file, where they are new or `alone`: no plan is asked for."""
    from assistant.home import models_dir
    from quantize.plan import front, save_front
    from quantize.sensitivity import layer_losses, loss_table, measured_on, read, save
    from quantize.sources import bring

    source = bring(model, models_dir())
    about: dict[str, Any] = {"model": source.model, "sha256": source.sha256}
    new = not file.exists()
    if new:
        if prompts is None:
            raise AssistantError(f"{file} is not there yet: measure it with --calibration FILINGS")
        save(layer_losses(source.folder, prompts.texts), file, about, prompts)
    losses, known = read(file), measured_on(file)
    if known.sha256 != source.sha256:
        raise AssistantError(
            f"{file} was measured on another model ({known.model}); name another file"
        )
    texts = _texts_of(file, known, prompts)
    if known.texts_sha256 and not (texts or alone):
        raise AssistantError(
            f"{file} does not hold the texts it was measured on (an earlier version of Tenq wrote "
            "it): name them with --calibration"
        )
    if new or alone:
        about |= {"calibration": texts.about()} if texts else {}
        save_front(front(losses), file.with_suffix(".front.json"), about)
        print(loss_table(losses))
        print(f"the best choice for every size: {file.with_suffix('.front.png')}")
    return losses, texts


def _texts_of(file: Path, known: MeasuredOn, prompts: Calibration | None) -> Calibration | None:
    """What the losses in the file were measured on, for the models made by them to say so.
    AssistantError where `prompts` are others."""
    if prompts and known.texts_sha256 not in (None, prompts.sha256):
        raise AssistantError(
            f"{file} was measured on other texts than --calibration, --samples and --seed give: "
            "leave them out, or name another file"
        )
    return known.calibration or prompts


def _as_a_whole(
    full: Path,
    losses: Sequence[LayerLoss],
    point: FrontPoint,
    prompts: Calibration,
    budget: int,
    swaps: int,
) -> FrontPoint:
    from quantize.swaps import improved

    better, now, before = improved(full, losses, point, prompts.texts, budget, swaps)
    after = f", {now:.4f} after swaps" if swaps else ""
    print(f"measured as a whole: {before:.4f} nats a token{after}")
    return better


def _smallest(
    asked: _Asked, points: Sequence[FrontPoint], sha256: str, target: float, shown: Sequence[str]
) -> FrontPoint:
    """The smallest plan of the front that keeps the target, by questions about what the texts
    `shown` to the layers do not hold; each one tried is printed."""
    from assistant.home import models_dir
    from eval.target import measuring, smallest_plan
    from quantize.building import trying

    with trying(models_dir()) as folder:
        questions = _write_questions(asked, shown, folder)
        measure = measuring(asked.model, sha256, questions, models_dir(), folder)

        def told(point: FrontPoint) -> Any:
            found = measure(point)
            r = found.recovery
            print(
                f"{point.bytes / 1e6:,.0f} MB keeps {r['value']:.1%} of the right answers "
                f"({r['ci_low']:.1%} to {r['ci_high']:.1%})",
                flush=True,
            )
            return found

        best, _ = smallest_plan(points, target, told)
    return best.point


def _write_questions(asked: _Asked, shown: Sequence[str], folder: Path) -> Path:
    from assistant.home import ask_store
    from eval.apart import unseen_questions
    from eval.lookups import write_questions

    path = folder / "questions.jsonl"
    with ask_store(asked.store) as store:
        write_questions(unseen_questions(store, shown, asked.questions), path)
    return path


def _auto(asked: _Asked, target: float, json_out: Path | None) -> None:
    """Try, measure, print the table and the folder of the choice; exit 1 where none will do."""
    from transformers import AutoTokenizer

    from assistant.home import ask_store, home, models_dir
    from eval.apart import texts_apart
    from eval.auto import run_auto, sensible_schemes
    from eval.commands import check_writable
    from eval.loss_report import auto_markdown
    from quantize.machine import inspect
    from quantize.room import check_comparing
    from quantize.sources import bring

    check_writable(json_out)
    machine = inspect(models_dir())
    source = bring(asked.model, models_dir())
    check_comparing(source)
    tokenizer = AutoTokenizer.from_pretrained(source.folder)
    with ask_store(asked.store) as store:
        texts = texts_apart(
            *(store, asked.calibration, tokenizer, asked.samples, asked.seed, asked.questions),
            _excluded(asked),
        )
    schemes, left_out = sensible_schemes(
        machine.gpu is not None,
        machine.features,
        lambda scheme: _why_not(asked.model, scheme, texts.calibration),
    )
    print(f"trying {', '.join(schemes)} and the full model", file=sys.stderr)
    for scheme, why in left_out.items():
        print(f"left out {scheme}: {why}", file=sys.stderr)
    work = home() / "evaluations" / "auto" / Path(asked.model).name
    result = run_auto(asked.model, schemes, texts, models_dir(), work, target, left_out)
    if json_out:
        json_out.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(auto_markdown(result))
    if not result["keeps"]:
        raise typer.Exit(1)
    chosen = (row for row in result["rows"] if row["scheme"] == result["chosen"])
    print(next((row["folder"] for row in chosen), asked.model))


def _why_not(model: str, scheme: str, texts: Calibration) -> str | None:
    """Why there is no room to make the model; None where there is, or it is there."""
    from assistant.home import models_dir
    from quantize.errors import QuantizationError
    from quantize.quantize import place_by_texts
    from quantize.schemes import scheme_named
    from quantize.sources import bring

    chosen = scheme_named(scheme)
    try:
        place = place_by_texts(bring(model, models_dir()), chosen, models_dir(), texts)
        _check_room(model, chosen, place, False, False)
    except QuantizationError as error:
        return str(error)
    return None
