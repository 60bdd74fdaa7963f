"""The `tenq` command. Results on stdout, progress on stderr; exit 0 good, 1 a threshold not met or
some files failed, 2 the user's mistake. Heavy imports happen inside the command that needs them."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.errors import AssistantError
from assistant.fetch_command import fetch_command
from assistant.home import ask_store, open_store
from assistant.index_commands import JsonOption, StoreOption, print_json
from assistant.index_commands import app as index_app
from assistant.model_commands import app as models_app
from assistant.model_commands import doctor_command
from assistant.quantize_command import quantize_command
from assistant.search_command import RerankerOption, search_command
from eval.errors import EvaluationError
from eval.run_commands import app as eval_app
from index.errors import IndexingError
from quantize.errors import QuantizationError

if TYPE_CHECKING:
    from assistant.answer import Answer

app = typer.Typer(
    help="Ask financial filings; get a cited answer from a quantized LLM on your own machine.",
    epilog="Exit codes: 0 good; 1 a threshold not met or some files failed; 2 your mistake, said "
    "in one line.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
index_app.command("fetch")(fetch_command)
app.add_typer(models_app, name="models")
app.add_typer(index_app, name="index")
app.add_typer(eval_app, name="eval")
app.command("search")(search_command)
app.command("quantize")(quantize_command)
app.command("doctor")(doctor_command)

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="Folder, NAME/SCHEME, packaged name, hub id, .gguf, or a server: http://HOST:PORT/v1#NAME.",
    ),
]


def main() -> None:
    """Run `tenq`; the user's mistakes end in one line and exit code 2."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names of files need not be printable here
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except (AssistantError, EvaluationError, IndexingError, QuantizationError) as error:
        print(f"tenq: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("tenq: stopped; what was finished is kept", file=sys.stderr)
        sys.exit(130)
    except (MemoryError, ImportError) as error:
        # What the system's loader says where a library finds no room.
        if isinstance(error, ImportError) and "failed to map segment" not in str(error):
            raise
        print("tenq: not enough memory; close other programs and try again", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"tenq: {error.strerror or error}{where}", file=sys.stderr)
        sys.exit(2)


@app.command("ask")
def ask_command(
    question: Annotated[str, typer.Argument()],
    store: StoreOption = None,
    model: ModelOption = None,
    reranker: RerankerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the filings, with citations, or say that they do not state it."""
    from assistant.assistant import answer_from, answered_unread
    from assistant.engine import load_engine
    from assistant.evidence import gather
    from assistant.home import DEFAULT_MODEL, models_dir

    if not question.strip():
        raise AssistantError(
            'the question is empty; ask, for example: tenq ask "What was revenue?"'
        )
    model = model or DEFAULT_MODEL
    with ask_store(store, reranker) as opened:
        evidence = gather(opened, question)
        final: Any = answered_unread(evidence, {"name": model, "scheme": ""})
        pieces: Iterable[Any] = (
            () if final else answer_from(load_engine(model, models_dir()), evidence)
        )
        for piece in pieces:
            if not isinstance(piece, str):
                final = piece
            elif not as_json and sys.stderr.isatty():
                print(piece, end="", flush=True, file=sys.stderr)
    if as_json:
        print_json(final.to_json())
        return
    if sys.stderr.isatty():
        print("\n", file=sys.stderr)
    _print_answer(final)


@app.command("compare")
def compare_command(
    question: Annotated[str, typer.Argument()],
    store: StoreOption = None,
    model: ModelOption = None,
    with_model: Annotated[str | None, typer.Option("--with", help="The model to compare.")] = None,
) -> None:
    """Answer one question on the same evidence with two models: seconds and memory side by side.

    Without --with, a quantized model is compared with the full one that it was made from.
    """
    from assistant.compare import compare
    from assistant.engines import quantized_folder
    from assistant.home import DEFAULT_MODEL, models_dir
    from assistant.lineage import full_model_of, rebuilt_from

    first = model or DEFAULT_MODEL
    quantized_folder(first, models_dir())  # says so where it is not made yet
    second = with_model or full_model_of(first, models_dir())
    if second is None:
        raise AssistantError(
            f"which model to compare {first} with is not known; name it with --with MODEL"
        )
    with ask_store(store) as opened:
        names = (first, second)
        for name, answer, memory_mb in compare(opened, question, names, models_dir()):
            t = answer.timings_s
            memory = f"{memory_mb:,.0f} MB peak memory" if memory_mb else "memory on its server"
            print(f"== {name} ({answer.model['scheme']})")
            _print_answer(answer)
            print(f"   first token {t['first_token']:.1f} s, total {t['total']:.1f} s, {memory}\n")
    for source in dict.fromkeys(rebuilt_from(name, models_dir()) for name in names):
        if source:
            print(f"note: the full model was rebuilt from {source}: the loss is against that")


@app.command("samples")
def samples_command(
    out: Annotated[Path, typer.Argument(help="Folder to write to.")],
) -> None:
    """Write the sample filings of two fictional companies, and questions about them."""
    from index.samples import write_samples

    for path in write_samples(out):
        print(path)


@app.command("setup")
def setup_command() -> None:
    """Bring the default model in 4 bits, the embedder and the sample filings, once."""
    from assistant.home import default_store, home, models_dir
    from assistant.setup import prepare

    prepare(home(), models_dir(), default_store())


@app.command("serve")
def serve_command(
    store: StoreOption = None,
    model: ModelOption = None,
    compare_with: Annotated[
        str | None,
        typer.Option(help="Model to compare with (default: the full one --model was made from)."),
    ] = None,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 7860,
    reranker: RerankerOption = None,
    auth: Annotated[Path | None, typer.Option(help="File of user:hash lines.")] = None,
    shadow: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of questions asked again of the second model."),
    ] = 0.0,
    shadow_threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Difference from which a second answer is told.")
    ] = 0.5,
) -> None:
    """Start the web chat and print its address."""
    from assistant.app import serve
    from assistant.home import DEFAULT_MODEL, default_store, models_dir
    from assistant.lineage import full_model_of

    model = model or DEFAULT_MODEL
    serve(
        store_path=store or default_store(),
        model=model,
        compare_with=compare_with or full_model_of(model, models_dir()),
        models_dir=models_dir(),
        host=host,
        port=port,
        auth=auth,
        # The default store may be filled in the chat; one that was named is there, or misspelt.
        open_store=lambda path: open_store(path, create=store is None, reranker=reranker),
        shadow=shadow,
        shadow_threshold=shadow_threshold,
    )


def _print_answer(answer: Answer) -> None:
    print(answer.answer)
    for note in answer.notes():
        print(f"   note: {note}")
    for step in (answer.calculation or {}).get("steps", ()):
        if step["line"]:
            print(f"   {step['company']}, {step['period']}: {step['line']} = {step['shown']}")
    if answer.citations:
        print("   closest passages:" if answer.refused else "   sources:")
    for n, c in enumerate(answer.citations, 1):
        year = f", fiscal {c.fiscal_year}" if c.fiscal_year else ""
        print(f"   [{n}] {c.doc}, page {c.page} ({c.company or '?'}{year}): {c.quote[:160]}")


if __name__ == "__main__":
    main()
