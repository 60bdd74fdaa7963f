"""`tenq models`, `tenq quantize` and `tenq doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.errors import AssistantError
from assistant.index_commands import JsonOption, print_json

if TYPE_CHECKING:
    from quantize.calibration import Calibration
    from quantize.checkpoint import Manifest
    from quantize.plan import Plan

app = typer.Typer(help="The models that come as packages.", no_args_is_help=True)


@app.command("list")
def models_list(as_json: JsonOption = False) -> None:
    """The packaged models, their licences, and which of them are here."""
    from assistant.home import models_dir
    from quantize.packaged import PACKAGED

    rows: list[dict[str, Any]] = [
        {
            "name": m.name,
            "use": m.use,
            "what": m.what,
            "licence": m.licence,
            "bytes": m.bytes,
            "here": (models_dir() / m.name / "source").is_dir(),
            "note": m.note,
        }
        for m in PACKAGED.values()
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        here = "here" if row["here"] else "not fetched"
        print(f"{row['name']:<20} {row['use']:<9} {row['bytes'] / 1e6:>6.0f} MB  {here:<12}")
        print(f"{'':<20} {row['what']}; {row['licence']}")
        if row["note"]:
            print(f"{'':<20} note: {row['note']}")
    print("\nAlso taken: a hub id (owner/name), a checkpoint folder, a .gguf file.")


@app.command("pull")
def models_pull(name: Annotated[str, typer.Argument(help="Packaged name or hub id.")]) -> None:
    """Fetch a model and check its SHA-256; what arrived before an interruption is kept."""
    from assistant.home import models_dir
    from quantize.packaged import PACKAGED, pull
    from quantize.sources import bring

    known = PACKAGED.get(name)
    embedder = known is not None and known.use == "embedder"
    print(pull(name, models_dir()) if embedder else bring(name, models_dir()).folder)


def quantize_command(
    model: Annotated[str, typer.Argument(help="Packaged name, hub id, folder or .gguf.")],
    scheme: Annotated[
        str, typer.Option(help="int8, int4, int4-awq, w8a8, bnb-int8 or bnb-nf4.")
    ] = "int4",
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
        typer.Option(
            help="Question file of an evaluation: what it asks about is left out."
        ),
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
            help="What each layer's precision costs, as JSON: with --calibration measured and "
            "written, with --budget-mb or --target-kl read."
        ),
    ] = None,
    budget_mb: Annotated[
        float | None,
        typer.Option(help="Give each layer the bits that cost least within N megabytes."),
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(help="JSON file with the bits of every layer; edit it at will.")
    ] = None,
) -> None:
    """Quantize MODEL, save it with a manifest, print the bits of every layer.

    int4-awq and w8a8 need --calibration. Mixed precision: measure with --sensitivity LOSSES.json
    --calibration FILINGS, then make the model with --sensitivity LOSSES.json --budget-mb N, or from
    a plan with --plan FILE.
    """
    from assistant.home import models_dir
    from quantize.quantize import quantize
    from quantize.schemes import scheme_named

    chosen_scheme = scheme_named(scheme, group_size, ends_bits, symmetric)
    if sensitivity and not (calibration or budget_mb is not None):
        raise AssistantError(
            "--sensitivity LOSSES.json needs --calibration PATH, to measure, or --budget-mb N, to "
            "make a model of that size"
        )
    prompts = _prompts(model, calibration, samples, seed, exclude or ()) if calibration else None
    if sensitivity and prompts:
        _measure_sensitivity(model, sensitivity, prompts)
    chosen = _plan(plan, sensitivity, budget_mb)
    if chosen is None and sensitivity:
        return
    kept = prompts if chosen is None or not sensitivity else None
    made = quantize(model, chosen_scheme, out, models_dir(), check, chosen, kept)
    _print_made(*made)


def _print_made(folder: Path, manifest: Manifest) -> None:
    from quantize.layers import table

    print(table(manifest.layers))
    print(
        f"{manifest.bytes_before / 1e6:,.0f} MB -> {manifest.bytes_after / 1e6:,.0f} MB on disk: "
        f"{manifest.ratio:.2f} times smaller than 16 bit"
    )
    if manifest.source["rebuilt_from"]:
        print(f"note: the full model is itself rebuilt from {manifest.source['rebuilt_from']}")
    if manifest.calibration:
        about = manifest.calibration
        kinds = ", ".join(f"{n} {kind}" for kind, n in about["kinds"].items())
        print(f"calibrated on {about['samples']} texts of {about['source']}: {kinds}")
    print(folder)


def _prompts(
    model: str, calibration: Path, samples: int, seed: int, exclude: Sequence[Path]
) -> Calibration:
    """The calibration prompts, in MODEL's own chat format."""
    from transformers import AutoTokenizer

    from assistant.calibration import calibration_prompts
    from assistant.home import models_dir
    from eval.questions import read_questions
    from quantize.sources import bring

    asked = [
        (question.question, tuple(question.right_pages))
        for file in exclude
        for question in read_questions(file)
    ]
    tokenizer = AutoTokenizer.from_pretrained(bring(model, models_dir()).folder)
    return calibration_prompts(calibration, tokenizer, samples, seed, asked)


def _plan(plan: Path | None, sensitivity: Path | None, budget_mb: float | None) -> Plan | None:
    """The plan asked for, if one is: read, or made for the budget and written beside the losses."""
    from quantize.plan import Plan, best_within, read_plan, save_plan
    from quantize.sensitivity import made_for, read

    if plan and budget_mb is not None:
        raise AssistantError("--plan and --budget-mb exclude each other: a plan has its own size")
    if plan:
        return read_plan(plan)
    if budget_mb is None:
        return None
    if sensitivity is None:
        raise AssistantError(
            "--budget-mb needs --sensitivity LOSSES.json: measure it with --calibration FILINGS"
        )
    point = best_within(read(sensitivity), int(budget_mb * 1e6))
    made = Plan(*made_for(sensitivity), point.layers)
    path = sensitivity.with_suffix(f".{budget_mb:g}mb.plan.json")
    save_plan(made, path)
    print(f"{path}: {point.bytes / 1e6:,.0f} MB, {point.loss:.4f} nats a token predicted")
    return made


def _measure_sensitivity(model: str, out: Path, prompts: Calibration) -> None:
    from assistant.home import models_dir
    from quantize.plan import front, save_front
    from quantize.sensitivity import layer_losses, loss_table, save
    from quantize.sources import bring

    if not out.absolute().parent.is_dir():
        raise AssistantError(f"cannot write {out}: there is no such folder")
    source = bring(model, models_dir())
    losses = layer_losses(source.folder, prompts.texts)
    about = {"model": source.model, "sha256": source.sha256, "calibration": prompts.about()}
    save(losses, out, about)
    save_front(front(losses), out.with_suffix(".front.json"), about)
    print(loss_table(losses))
    print(f"the best choice for every size: {out.with_suffix('.front.png')}")


def doctor_command(
    billion: Annotated[
        float, typer.Option(min=0.01, help="The model's weights, in billions.")
    ] = 1.5,
    as_json: JsonOption = False,
) -> None:
    """What this machine has, memory bandwidth measured, and which scheme suits it."""
    from assistant.home import models_dir
    from quantize.machine import advise, inspect, report

    machine = inspect(models_dir())
    advice = advise(machine, int(billion * 1e9))
    if as_json:
        print_json({**machine.to_json(), "advice": [asdict(each) for each in advice]})
    else:
        print(report(machine, advice, f"a model of {billion:g} billion weights"))
