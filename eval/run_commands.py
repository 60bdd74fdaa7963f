"""`tenq eval run`, `report`, `gate` and `diff`: evaluation runs that a committee can rely on."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from assistant.home import ask_store
from eval.commands import (
    JsonFile,
    MarkdownFile,
    StoreFolder,
    app,
    check_writable,
    write,
)
from eval.errors import EvaluationError

__all__ = ["app"]  # with all commands of `tenq eval`

RunArgument = Annotated[Path, typer.Argument(help="Folder of a run.")]


@app.command("run")
def run_command(
    plan: Annotated[Path, typer.Argument(help="TOML file: models, schemes, question sets.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the run (default: under TENQ_HOME).")
    ] = None,
    store: StoreFolder = None,
) -> None:
    """Ask every model every question of a plan. A stopped run goes on where it was; run again, it
    asks only what is new or changed."""
    from assistant.home import default_store, home, models_dir
    from eval.run import run_plan
    from eval.run_folder import RunFolder
    from eval.run_lines import run_lines
    from eval.run_plan import read_plan
    from eval.run_summary import summarize

    read, text = read_plan(plan)
    folder = out or home() / "evaluations" / plan.stem
    if folder.exists() and not folder.is_dir():
        raise EvaluationError(f"{folder} is a file; name a folder with --out")
    named = store or (plan.parent / Path(read.store).expanduser() if read.store else None)
    needed = any(each.make or "retrieved" in each.evidence for each in read.questions)
    with contextlib.ExitStack() as stack:
        opened = None
        if named or needed or default_store().exists():
            opened = stack.enter_context(ask_store(named))
        run_plan(read, text, plan.parent, folder, opened, models_dir())
    print(run_lines(summarize(RunFolder(folder))))
    print(f"\n{folder}: `tenq eval report {folder}` makes the report")


@app.command("report")
def report_command(
    run: RunArgument,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="The page to write (default: RUN/report.html)."),
    ] = None,
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
) -> None:
    """Everything a run shows as one HTML file that needs nothing else, Markdown and JSON; beside
    the run's files unless other names are given."""
    from eval.gate import judged
    from eval.run_folder import RunFolder
    from eval.run_report import report_html, report_markdown

    summary = judged(RunFolder(run))
    page = html or run / "report.html"
    check_writable(page)
    page.write_text(report_html(summary), encoding="utf-8")
    write(summary, report_markdown, json_out or run / "report.json", markdown or run / "report.md")
    typer.echo(f"{page}: open it in a browser", err=True)


@app.command("gate")
def gate_command(
    run: RunArgument,
    min_recovery: Annotated[
        float | None,
        typer.Option(min=0.01, max=2, help="Least share of the full model's right answers kept."),
    ] = None,
    margin: Annotated[
        float | None, typer.Option(min=0, max=0.99, help="Most accuracy lost: 0.01 is one point.")
    ] = None,
    confidence: Annotated[
        float | None, typer.Option(min=0.51, max=0.9999, help="One-sided; default 0.95.")
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option(help="TOML file like a plan's [gate], also by kind of question.")
    ] = None,
    json_out: JsonFile = None,
) -> None:
    """Is the loss within what we allow? Exit 1 where it is not, and where the questions are too few
    to tell. Limits: the options, else --thresholds, else the plan's [gate], else 98% recovery."""
    from eval.gate import DEFAULT, run_gate
    from eval.run_folder import RunFolder
    from eval.run_lines import gate_lines
    from eval.run_plan import RunPlan, parsed, read_limits

    folder = RunFolder(run)
    plan = parsed(RunPlan, folder.read()["plan"], run / "run.json")
    limits = read_limits(thresholds) if thresholds else plan.gate or DEFAULT
    if min_recovery is not None or margin is not None:
        limits = limits.model_copy(update={"min_recovery": min_recovery, "margin": margin})
    if confidence is not None:
        limits = limits.model_copy(update={"confidence": confidence})
    check_writable(json_out)
    result = run_gate(folder, limits)
    write(result, gate_lines, json_out, None)
    if result["outcome"] != "pass":
        raise typer.Exit(1)


@app.command("diff")
def diff_command(
    before: RunArgument,
    after: RunArgument,
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
) -> None:
    """What got better or worse between two runs, over the questions they have in common."""
    from eval.diff import run_diff
    from eval.run_folder import RunFolder
    from eval.run_lines import diff_markdown

    check_writable(json_out, markdown)
    write(run_diff(RunFolder(before), RunFolder(after)), diff_markdown, json_out, markdown)
