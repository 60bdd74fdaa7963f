"""`tenq eval ...`: results on stdout, progress on stderr; exit 1 where a threshold is not met."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.home import ask_store
from eval.errors import EvaluationError

app = typer.Typer(
    help="Measure retrieval, answers and speed, and what the quantization cost.",
    no_args_is_help=True,
)

Questions = Annotated[Path, typer.Option("--questions", help="JSONL file of questions.")]
StoreFolder = Annotated[
    Path | None, typer.Option("--store", help="Folder of the store (default: under TENQ_HOME).")
]
RerankerOption = Annotated[
    str | None,
    typer.Option(
        "--reranker", help="Cross-encoder that puts what is found in order: folder or hub id."
    ),
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the result to this file.")]
MarkdownFile = Annotated[
    Path | None, typer.Option("--markdown", help="Write the tables to this file.")
]


class Without(StrEnum):
    """What `tenq eval answers` can leave out, to measure what it does."""

    figures = "figures"
    calculator = "calculator"
    filters = "filters"
    grounding = "grounding"


class EvidenceMode(StrEnum):
    """Where the evidence of `tenq eval answers` comes from."""

    retrieved = "retrieved"
    gold = "gold"


@app.command("vectors")
def vectors_command(
    store: StoreFolder = None,
    count: Annotated[int, typer.Option(min=100, help="Vectors drawn around the store's.")] = (
        1_000_000
    ),
    queries: Annotated[int, typer.Option(min=10, max=10_000)] = 500,
    faiss_factory: Annotated[
        str | None, typer.Option(help="Kind of index, in FAISS's words. Default: by size.")
    ] = None,
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
) -> None:
    """How fast and how right is vector search in a large store?"""
    from eval.report import vectors_markdown
    from eval.vectors import run_vectors
    from index.vectors import check_factory

    factory = check_factory(faiss_factory or "") or None
    check_writable(json_out, markdown)
    with ask_store(store) as opened:
        result = run_vectors(opened, count, queries, factory)
    write(result, vectors_markdown, json_out, markdown)


@app.command("facts")
def facts_command(
    known: Annotated[
        Path | None,
        typer.Option(
            help="Folder of NAME.json, for each filing NAME a list of amounts: concept, start, end "
            "and value. Without it: do the statements' sums add up?"
        ),
    ] = None,
    identities: Annotated[
        Path | None,
        typer.Option(
            help="JSON or JSONL: of each filing doc, its name, and company, form, fiscal_year or "
            "the like. Asked instead: is each identified rightly?"
        ),
    ] = None,
    store: StoreFolder = None,
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
    min_found: Annotated[
        float | None, typer.Option(help="Exit 1 where fewer are found, hold or are right (0 to 1).")
    ] = None,
) -> None:
    """Are the filings' numbers read right? Against amounts known from elsewhere, or by the sums
    that statements must add up to. And is each filing taken for what it is?"""
    from eval.facts import run_facts
    from eval.identity import identities_markdown, run_identities
    from eval.report import facts_markdown
    from eval.sums import run_sums, sums_markdown

    if known and identities:
        raise EvaluationError("--known and --identities are asked one at a time")
    check_writable(json_out, markdown)
    with ask_store(store) as opened:
        if identities:
            result, told = run_identities(identities, opened), identities_markdown
        elif known:
            result, told = run_facts(known, opened), facts_markdown
        else:
            result, told = run_sums(opened), sums_markdown
    write(result, told, json_out, markdown)
    _threshold("found", result["share"], min_found)


@app.command("retrieval")
def retrieval_command(
    questions: Questions,
    store: StoreFolder = None,
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
    min_page_hit: Annotated[
        float | None, typer.Option(help="Exit 1 where page_hit@5 is below this (0 to 1).")
    ] = None,
    reranker: RerankerOption = None,
    ablation: Annotated[
        bool, typer.Option("--ablation", help="Also without each technique of the search.")
    ] = False,
) -> None:
    """Does the search find the right page? No language model is used."""
    from eval.questions import read_questions
    from eval.report import retrieval_markdown
    from eval.retrieval import run_retrieval

    asked = read_questions(questions)
    check_writable(json_out, markdown)
    with ask_store(store, reranker) as opened:
        result = run_retrieval(asked, opened, ablation)
    write(result, retrieval_markdown, json_out, markdown)
    _threshold("page_hit@5", result["page_hit@5"], min_page_hit)


@app.command("answers")
def answers_command(
    questions: Questions,
    store: StoreFolder = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="Folder, NAME/SCHEME, packaged name, hub id, or server: http://HOST:PORT/v1#NAME.",
        ),
    ] = None,
    compare_with: Annotated[
        str | None, typer.Option(help="Full model to compare with, given the same evidence.")
    ] = None,
    evidence: Annotated[
        EvidenceMode, typer.Option(help="Pages as retrieved, or the gold pages themselves.")
    ] = EvidenceMode.retrieved,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N questions.")] = None,
    figures: Annotated[
        bool | None,
        typer.Option(
            "--figures/--no-figures",
            help="Look up and calculate what can be (default: yes, unless models are compared).",
        ),
    ] = None,
    without: Annotated[
        list[Without] | None,
        typer.Option(
            help="Leave out, to measure what it does: figures looked up and calculated; only the "
            "calculated ones; search by company, year and form; checks of what the model said."
        ),
    ] = None,
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
    resume: Annotated[
        Path | None,
        typer.Option(help="File of finished answers (default: beside the --json file)."),
    ] = None,
    min_accuracy: Annotated[
        float | None, typer.Option(help="Exit 1 where the accuracy is below this (0 to 1).")
    ] = None,
    min_recovery: Annotated[
        float | None, typer.Option(help="Exit 1 where the recovery is below this (1: no loss).")
    ] = None,
    reranker: RerankerOption = None,
) -> None:
    """Ask the questions, grade the answers, say what a quantized model lost against a full one.

    A stopped run goes on where it was: finished answers are kept and asked again only where the
    question, the evidence or the model changed.
    """
    from assistant.home import DEFAULT_MODEL, home, models_dir
    from eval.answers import run_answers
    from eval.questions import read_questions
    from eval.report import answers_markdown

    if min_recovery is not None and compare_with is None:
        raise EvaluationError("--min-recovery needs --compare-with: the model to recover")
    asked = read_questions(questions)
    check_writable(json_out, markdown)
    beside = json_out or home() / "evaluations" / questions.name
    kept = resume or beside.with_suffix(".answers.jsonl")
    if kept.resolve() == questions.resolve():
        raise EvaluationError(f"{kept} holds the questions; name another file with --resume")
    has_pages = all(question.gold_pages or not question.answerable for question in asked)
    no_store = evidence is EvidenceMode.gold and has_pages and store is None
    opened = None if no_store else ask_store(store, reranker)
    try:
        result = run_answers(
            asked,
            opened,
            model or DEFAULT_MODEL,
            models_dir(),
            kept,
            evidence.value,
            compare_with,
            limit,
            figures=figures,
            without=[each.value for each in without or ()],
        )
    finally:
        if opened is not None:
            opened.close()
    write(result, answers_markdown, json_out, markdown)
    _threshold("accuracy", result["accuracy"]["value"], min_accuracy)
    if compare_with:
        _threshold("recovery", result["recovery"]["value"], min_recovery)


@app.command("speed")
def speed_command(
    models: Annotated[
        list[str],
        typer.Option("--models", help="NAME=MODEL, several; NAME=MODEL@fp32 for a full model."),
    ],
    more: Annotated[list[str] | None, typer.Argument(help="Further NAME=MODEL.")] = None,
    full: Annotated[str | None, typer.Option(help="Full model, as the row 'full'.")] = None,
    prompt_tokens: Annotated[int, typer.Option(min=128, max=32_000)] = 1024,
    new_tokens: Annotated[int, typer.Option(min=2, max=4096)] = 64,
    runs: Annotated[int, typer.Option(min=1, max=1000)] = 5,
    peer: Annotated[
        str | None,
        typer.Option(help="A .gguf file, or a packaged model's name, on llama.cpp beside them."),
    ] = None,
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
) -> None:
    """Seconds, tokens a second and memory of models, in interleaved rounds.

    A ratio is a model's seconds per answer over an unquantized model's.
    """
    from assistant.home import models_dir
    from eval.report import speed_markdown
    from eval.speed import Plan, parse_models, run_speed

    pairs = parse_models([*models, *(more or [])], full)
    check_writable(json_out, markdown)
    result = run_speed(pairs, models_dir(), Plan(prompt_tokens, new_tokens, runs), peer=peer)
    write(result, speed_markdown, json_out, markdown)


@app.command("profile")
def profile_command(
    model: Annotated[str, typer.Argument(help="Folder or NAME/SCHEME that runs on OpenVINO.")],
    prompt_tokens: Annotated[int, typer.Option(min=128, max=32_000)] = 1024,
    new_tokens: Annotated[int, typer.Option(min=2, max=4096)] = 32,
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
) -> None:
    """Which part of the network the time goes into, against what the memory can deliver."""
    from assistant.home import models_dir
    from eval.profile import run_profile
    from eval.report import profile_markdown

    check_writable(json_out, markdown)
    result = run_profile(model, models_dir(), prompt_tokens, new_tokens)
    write(result, profile_markdown, json_out, markdown)


@app.command("load")
def load_command(
    address: Annotated[str, typer.Argument(help="Of a chat that is running: http://HOST:PORT")],
    questions: Questions,
    readers: Annotated[int, typer.Option(min=1, max=500, help="How many ask at once.")] = 20,
    seconds: Annotated[int, typer.Option(min=1, max=86_400, help="For how long they ask.")] = 180,
    auth: Annotated[str | None, typer.Option(help="NAME:PASSWORD, where it is asked for.")] = None,
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
) -> None:
    """What many readers at once wait at a running chat. Exit 1 where one of them got an error."""
    from eval.load import run_load
    from eval.questions import read_questions
    from eval.report import load_markdown

    check_writable(json_out, markdown)
    name, colon, password = (auth or "").partition(":")
    if auth and not (name and colon):
        raise EvaluationError("--auth is NAME:PASSWORD")
    asked = [question.question for question in read_questions(questions)]
    result = run_load(address, asked, readers, seconds, (name, password) if auth else None)
    write(result, load_markdown, json_out, markdown)
    if result["errors"] or result["unfinished"]:
        raise typer.Exit(1)


@app.command("fidelity")
def fidelity_command(
    full: Annotated[str, typer.Option("--full", help="The model it was made from; MODEL@fp32.")],
    model: Annotated[str, typer.Option("--model", help="Folder or NAME/SCHEME.")],
    texts: Annotated[Path, typer.Option(help="JSONL with a field text, a filing, or a folder.")],
    beside: Annotated[
        list[str] | None, typer.Option(help="Another quantized model, on the same windows.")
    ] = None,
    windows: Annotated[int, typer.Option(min=2, max=100_000, help="How many at most.")] = 32,
    window_tokens: Annotated[int, typer.Option(min=32, max=32_000)] = 512,
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
    max_kld: Annotated[
        float | None, typer.Option(help="Exit 1 where the mean divergence is above this.")
    ] = None,
) -> None:
    """How far a quantized model's next tokens are from the full model's: perplexity, KL divergence,
    same top token, change of probability."""
    from assistant.home import models_dir
    from eval.fidelity import Plan, run_fidelity
    from eval.loss_report import fidelity_markdown

    check_writable(json_out, markdown)
    plan = Plan(windows, window_tokens)
    result = run_fidelity(full, model, texts, models_dir(), plan, beside=beside or ())
    write(result, fidelity_markdown, json_out, markdown)
    if max_kld is not None and result["kld"]["mean"] > max_kld:
        typer.echo(f"the KL divergence is {result['kld']['mean']:.4f}, above {max_kld:g}", err=True)
        raise typer.Exit(1)


@app.command("calibration")
def calibration_command(
    model: Annotated[
        str, typer.Option("--model", help="Full model: packaged name, hub id, folder.")
    ],
    texts: Annotated[
        Path, typer.Option(help="Held-out filings to measure on: JSONL, a filing, or a folder.")
    ],
    scheme: Annotated[str, typer.Option(help="A calibrated scheme.")] = "int4-awq",
    without: Annotated[str, typer.Option(help="The scheme to set beside, uncalibrated.")] = "int4",
    calibration: Annotated[
        Path | None, typer.Option(help="Store or filings to calibrate on (default: the store).")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, max=4096)] = 32,
    questions: Annotated[
        Path | None, typer.Option(help="Question file with gold pages, to count answers kept.")
    ] = None,
    windows: Annotated[int, typer.Option(min=2, max=100_000)] = 24,
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
) -> None:
    """What filings buy as calibration texts, over general prose and over random tokens."""
    from transformers import AutoTokenizer

    from assistant.calibration import calibration_prompts
    from assistant.home import default_store, home, models_dir
    from eval.ablation import run_ablation
    from eval.loss_report import ablation_markdown
    from quantize.sources import bring

    check_writable(json_out, markdown)
    tokenizer = AutoTokenizer.from_pretrained(bring(model, models_dir()).folder)
    prompts = calibration_prompts(calibration or default_store(), tokenizer, samples)
    work = home() / "evaluations" / "calibration" / Path(model).name
    result = run_ablation(
        model, scheme, without, prompts, texts, questions, models_dir(), work, windows
    )
    write(result, ablation_markdown, json_out, markdown)


@app.command("make-questions")
def make_questions_command(
    out: Annotated[Path, typer.Option("--out", help="Question file to write (JSONL).")],
    store: StoreFolder = None,
    count: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many at most.")] = 200,
    unanswerable: Annotated[
        int, typer.Option(min=0, max=100_000, help="Further ones that must be refused.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Which are taken, in which wordings.")] = 20_111,
) -> None:
    """Make lookup questions from the statements' facts, with their answers and passages."""
    from eval.lookups import make_questions, write_questions

    check_writable(out)
    with ask_store(store) as opened:
        records = make_questions(opened, count, unanswerable, seed)
    write_questions(records, out)
    print(f"{out}: {len(records)} questions")


@app.command("grader-agreement")
def grader_agreement_command(
    path: Annotated[Path, typer.Argument(help="JSONL of answers with human labels.")],
    json_out: JsonFile = None,
    markdown: MarkdownFile = None,
) -> None:
    """How often the automatic grader agrees with people, and Cohen's κ."""
    from eval.agreement import grader_agreement
    from eval.report import agreement_markdown

    check_writable(json_out, markdown)
    write(grader_agreement(path), agreement_markdown, json_out, markdown)


def check_writable(*files: Path | None) -> None:
    """Before hours of work, not after."""
    for file in files:
        if file is None:
            continue
        if file.is_dir():
            raise EvaluationError(f"{file} is a folder; name a file to write")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8"):
                pass
        except OSError as error:
            raise EvaluationError(f"cannot write {file}: {error.strerror or error}") from error


def write(
    result: dict[str, Any],
    as_markdown: Callable[[dict[str, Any]], str],
    json_out: Path | None,
    markdown: Path | None,
) -> None:
    """The result as JSON and as Markdown into the files named, and as Markdown to stdout."""
    text = as_markdown(result)
    for file, content in (
        (json_out, json.dumps(result, indent=1, ensure_ascii=False)),
        (markdown, text),
    ):
        if file is None:
            continue
        try:
            file.write_text(content + "\n", encoding="utf-8")
        except OSError as error:
            raise EvaluationError(f"cannot write {file}: {error.strerror or error}") from error
    print(text)


def _threshold(name: str, value: float | None, least: float | None) -> None:
    if least is not None and (value is None or value < least):
        shown = "unknown" if value is None else f"{value:.3f}"
        typer.echo(f"{name} is {shown}, below {least:g}", err=True)
        raise typer.Exit(1)
