"""The commands in this process: exit codes, one-line mistakes, and which models stand together."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import assistant.compare
from assistant.answer import Evidence
from assistant.errors import EngineError
from assistant.lineage import full_model_of, rebuilt_from
from index.embed import Embedder
from index.store import Store
from quantize.quantize import quantize
from tests.index.test_store import write_filing
from tests.openai_server import OpenAIServer

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def quantized(tiny_llm: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    out = tmp_path_factory.mktemp("cli")
    shutil.copytree(tiny_llm, out / "tiny")
    yield quantize(str(out / "tiny"), "int8", out / "models" / "tiny" / "int8", out, check=False)[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ["index", "list"],
        ["index", "remove", "1"],
        ["index", "verify"],
        ["index", "rebuild"],
        ["index", "correct", "1", "--company", "Someone"],
        ["search", "revenue"],
        ["ask", "revenue?"],
        ["serve"],
    ],
)
def test_mistyped_store_is_not_made(tenq: Run, tmp_path: Path, arguments: list[str]) -> None:
    model = ["--model", tmp_path] if arguments[0] in ("ask", "serve") else []
    port = ["--port", 0] if arguments[0] == "serve" else []
    code, _, err = tenq(*arguments, *model, *port, "--store", tmp_path / "typo")
    assert code == 2
    assert f"no store in {tmp_path / 'typo'}" in err
    assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "typo").exists()


def test_some_files_failed_is_1_and_all_is_2(
    tenq: Run, tmp_path: Path, filing: Callable[..., Path]
) -> None:
    good, bad = filing(tmp_path / "in"), tmp_path / "empty.txt"
    bad.touch()
    code, out, _ = tenq("index", "add", good, bad)
    assert code == 1
    assert "failed" in out
    assert "1 of 2 files in the store" in out
    assert tenq("index", "add", bad)[0] == 2
    assert tenq("index", "add", good)[0] == 0
    assert tenq("index", "list")[1].splitlines()[-1].startswith("1 filing, ")


def test_a_guessed_company_is_said_with_how_to_correct_it(
    tenq: Run, tmp_path: Path, filing: Callable[..., Path]
) -> None:
    (tmp_path / "NORTHWIND_2021_10K.txt").write_text("Some table\n1 2 3\n")
    sure, guessed = filing(tmp_path / "in"), tmp_path / "NORTHWIND_2021_10K.txt"
    said = (
        "company, form, fiscal year taken from the file's name; if that is wrong or missing: "
        "tenq index correct 2 --company C --form F --year Y"
    )
    for out in (tenq("index", "add", sure, guessed)[1], tenq("index", "list")[1]):
        assert (out.count(said), out.count("index correct")) == (1, 1)
    tenq("index", "correct", "2", "--company", "Northwind", "--form", "10-K", "--year", "2021")
    assert "index correct" not in tenq("index", "list")[1]


def test_what_a_reader_added_for_themselves_is_listed_but_not_asked(
    tenq: Run, tmp_path: Path, filing: Callable[..., Path], embedder_folder: Path
) -> None:
    with Store.open(tmp_path / "home" / "stores" / "default", Embedder(embedder_folder)) as store:
        store.seen_by("user:ada").add(filing(tmp_path / "in"))
    assert "(a reader's own)" in tenq("index", "list")[1]
    told = tenq("search", "total revenue")[1]
    assert "holds no filings yet; add some with tenq index add" in told and "nothing found" in told
    code, out, _ = tenq("ask", "What was total revenue in fiscal 2024?", "--json")
    assert (code, json.loads(out)["refused"]) == (0, True)
    tenq("index", "add", tmp_path / "in")
    assert "(a reader's own)" not in tenq("index", "list")[1]
    assert "revenue" in tenq("search", "total revenue")[1].lower()


def test_search_says_what_was_understood_and_what_fits_no_filing(
    tenq: Run, tmp_path: Path, filing: Callable[..., Path]
) -> None:
    tenq("index", "add", filing(tmp_path / "in"))
    code, out, _ = tenq("search", "Zephyrine revenue in the 10-K for Q2 2024")
    assert out.startswith("understood: Q2 fiscal 2024; 10-K; ")
    assert out.splitlines()[0].endswith("; income statement; kind: not answerable")
    assert "; kind: lookup\n" in tenq("search", "revenue in fiscal 2024")[1]
    assert "\nnote: No filing of Zephyrine is in the store; it holds" in out
    assert tenq("search", "why?")[1].startswith("understood: no company, year, period, form or")
    for option, value, told in (
        ("--company", "Zephyrine", "of a company 'Zephyrine'; it holds filings of "),
        ("--year", "1999", "is of fiscal 1999; there are: 2024."),
        ("--form", "40-F", "is a 40-F; there are: 10-K."),
    ):
        code, out, err = tenq("search", "total revenue", option, value)
        assert (code, told in out, "nothing found" in out, err) == (0, True, True, "")
        code, out, err = tenq("search", "total revenue", option, value, "--json")
        assert (code, json.loads(out), told in err) == (0, [], True)
    code, out, _ = tenq("search", "total revenue", "--json")
    assert (code, json.loads(out)[0]["fiscal_year"]) == (0, 2024)


def test_unknown_statements_are_refused_and_unknown_concepts_told(
    tenq: Run, tmp_path: Path
) -> None:
    tenq("index", "add", write_filing(tmp_path, "Valdor Valves Inc", 2023))
    code, out, err = tenq("index", "facts", "1", "--statement", "incme")
    assert (code, out) == (2, "")
    assert "'incme' is no statement; there are: balance, income, cash_flow" in err
    assert tenq("index", "facts", "1", "--statement", "balance")[0] == 0
    code, out, err = tenq("index", "facts", "1", "--concept", "Bogus", "--concept", "InventoryNet")
    assert (code, "(InventoryNet)" in out) == (0, True)
    assert err == "note: no fact of the store has the concept Bogus\n"


@pytest.mark.parametrize("query", ["", "  ", "?!"])
def test_an_empty_query_is_refused(
    tenq: Run, tmp_path: Path, filing: Callable[..., Path], query: str
) -> None:
    tenq("index", "add", filing(tmp_path / "in"))
    code, out, err = tenq("search", query)
    assert (code, out, "query is empty" in err, err.count("\n")) == (2, "", True, 1)


def test_a_store_is_corrected_checked_mended_and_rebuilt(
    tenq: Run, tmp_path: Path, filing: Callable[..., Path]
) -> None:
    tenq("index", "add", filing(tmp_path / "in"))
    assert "as it should be" in tenq("index", "verify")[1]
    assert tenq("index", "correct", "1")[0] == 2
    assert tenq("index", "correct", "1", "--company", "A", "--as-read")[0] == 2
    code, out, _ = tenq("index", "correct", "1", "--company", "Kestrel Looms", "--year", "2019")
    assert (code, "Kestrel Looms" in out, "2019" in out) == (0, True, True)
    assert tenq("index", "correct", "1", "--ticker", "not one")[0] == 2
    assert tenq("index", "correct", "1", "--ticker", "kstl", "--cik", "77")[0] == 0
    (listed,) = json.loads(tenq("index", "list", "--json")[1])
    assert (listed["ticker"], listed["cik"]) == ("KSTL", "0000000077")
    assert listed["company"] == "Kestrel Looms"
    store = tmp_path / "home" / "stores" / "default"
    (copy,) = (store / "files").iterdir()
    copy.write_bytes(b"other")
    code, out, _ = tenq("index", "verify")
    assert (code, "mended" in out, "now as it should be" in out) == (0, True, True)
    code, out, _ = tenq("index", "rebuild")
    assert (code, "1 filing in the store" in out) == (0, True)
    assert "Kestrel Looms" in tenq("index", "list")[1]
    (copy,) = (store / "files").iterdir()
    copy.unlink()
    shutil.rmtree(tmp_path / "in")
    code, out, _ = tenq("index", "verify")
    assert (code, "damaged" in out, "add" in out) == (1, True, True)


def test_file_name_that_cannot_be_printed(
    tenq: Run, tmp_path: Path, filing: Callable[..., Path]
) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/in/\xe9t\xe9.txt"))
    try:
        filing(tmp_path / "in").rename(odd)
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/in/\xe9.htm")).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    code, out, _ = tenq("index", "add", tmp_path / "in")
    assert code == 1
    assert "été" in out


def test_damaged_store_is_one_line(tenq: Run, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "store.sqlite").write_bytes(b"x" * 9000)
    code, _, err = tenq("index", "list", "--store", tmp_path / "store")
    assert code == 2
    assert "damaged?" in err
    assert len(err.strip().splitlines()) == 1


def test_full_model_is_the_one_it_was_made_from(quantized: Path, tmp_path: Path) -> None:
    models = quantized.parent.parent
    full = str((models.parent / "tiny").resolve())
    assert full_model_of(str(quantized), tmp_path) == full
    assert full_model_of("tiny/int8", models) == full
    assert full_model_of(full, models) is None
    assert full_model_of("other/int8", models) is None
    moved = tmp_path / "moved"
    shutil.copytree(quantized, moved)
    (models.parent / "tiny").rename(models.parent / "elsewhere")
    try:
        assert full_model_of(str(moved), tmp_path) is None
    finally:
        (models.parent / "elsewhere").rename(models.parent / "tiny")
    assert rebuilt_from(str(quantized), models) is None
    assert (
        rebuilt_from("smollm2-135m", models) == "SmolLM2-135M-Instruct, Q4_1 GGUF (for tests: "
        "too small to answer questions)"
    )


def test_compare_takes_the_model_it_was_made_from(
    tenq: Run, quantized: Path, tmp_path: Path, filing: Callable[..., Path]
) -> None:
    assert tenq("index", "add", filing(tmp_path / "in"))[0] == 0
    code, out, err = tenq("compare", "What was total revenue in 2024?", "--model", quantized)
    assert code == 0, err
    assert f"== {(quantized.parent.parent.parent / 'tiny').resolve()} (full-bf16)" in out
    assert "rebuilt from" not in out


def test_compare_without_a_known_full_model_asks_for_it(tenq: Run, tiny_llm: Path) -> None:
    code, _, err = tenq("compare", "revenue?", "--model", tiny_llm)
    assert code == 2
    assert "--with MODEL" in err
    code, _, err = tenq("compare", "revenue?")
    assert code == 2
    assert "tenq quantize" in err


def test_a_model_behind_an_address(
    tenq: Run, quantized: Path, openai_server: OpenAIServer, tmp_path: Path, filing: Any
) -> None:
    openai_server.words = ["Valves ", "and ", "pumps."]
    assert tenq("index", "add", filing(tmp_path / "in"))[0] == 0
    question = "Why did the net income of Larkspur Valve Company change in 2024?"
    code, out, err = tenq("ask", question, "--model", openai_server.url, "--json")
    assert code == 0, err
    answer = json.loads(out)
    assert answer["model"] == {"name": f"{openai_server.url}#tiny-chat", "scheme": "server"}
    code, out, err = tenq(
        *("compare", question, "--model", quantized, "--with", f"{openai_server.url}#other-chat")
    )
    assert code == 0, err
    assert f"== {openai_server.url}#other-chat (server)" in out
    assert "MB peak memory" in out
    assert "memory on its server" in out
    code, _, err = tenq("compare", question, "--model", openai_server.url)
    assert (code, "--with MODEL" in err) == (2, True)
    code, _, err = tenq("ask", question, "--model", f"{openai_server.root}/int4")
    assert (code, "end in /v1" in err.strip().splitlines()[-1]) == (2, True)


def test_compare_says_that_a_model_was_rebuilt(
    tenq: Run, tmp_path: Path, filing: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tenq("index", "add", filing(tmp_path / "in"))[0] == 0
    monkeypatch.setattr(assistant.compare, "compare", lambda *_: iter(()))
    code, out, _ = tenq("compare", "q?", "--model", "x", "--with", "smollm2-135m")
    assert code == 0
    assert "note: the full model was rebuilt from SmolLM2-135M-Instruct, Q4_1 GGUF" in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [([], None), (["--compare-with", "named"], "named")],
)
def test_serve_sets_no_unrelated_model_beside(
    tenq: Run, tiny_llm: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: Any
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr("assistant.app.serve", lambda **options: given.update(options))
    assert tenq("serve", "--model", tiny_llm, *arguments)[0] == 0
    assert given["compare_with"] == expected


def test_process_ended_by_the_system_is_one_line(
    store: Store, tiny_llm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant.compare, "_answer", die)
    monkeypatch.setattr(assistant.compare, "get_context", lambda _: fork())
    with pytest.raises(EngineError, match="out of memory"):
        list(assistant.compare.compare(store, "What was revenue?", [str(tiny_llm)], tmp_path))


def die(model: str, models_dir: Path, evidence: Evidence) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fork() -> Any:
    from multiprocessing import get_context

    return get_context("fork")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--sensitivity", "l.json"), "measuring the layers"),
        (("--sensitivity", "l.json", "--budget-mb", "1"), "measuring the layers"),
        (("--scheme", "w8a8"), "w8a8 of tiny-llm"),
    ],
)
def test_too_little_memory_is_said_before_filings_are_read(
    arguments: tuple[str, ...],
    said: str,
    tenq: Run,
    tiny_llm: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import psutil

    little = psutil.virtual_memory()._replace(available=1_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: little)
    monkeypatch.chdir(tmp_path)
    unread = tmp_path / "no" / "such" / "folder"
    code, _, mistake = tenq("quantize", tiny_llm, *arguments, "--calibration", unread)
    assert code == 2
    assert said in mistake and "GB are free; close other programs" in mistake
    assert "\n" not in mistake.strip()


@pytest.mark.parametrize(
    ("arguments", "scheme", "said"),
    [
        (("--scheme", "int4-awq"), None, "is not a model made by tenq"),
        (("--scheme", "int4-awq"), "int8", "holds another model (tiny, int8)"),
        (("--sensitivity", "l.json", "--budget-mb", "1"), None, "is not a model made by tenq"),
        (("--sensitivity", "l.json", "--budget-mb", "1"), "int8", "holds another model"),
        (("--sensitivity", "l.json", "--budget-mb", "1"), "mixed", "holds a model already"),
        (("--sensitivity", "l.json", "--target-recovery", "0.9"), "mixed", "choose another --out"),
    ],
)
def test_a_place_that_is_taken_is_said_before_filings_are_read(
    arguments: tuple[str, ...],
    scheme: str | None,
    said: str,
    tenq: Run,
    quantized: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(quantized, "taken")
    manifest = Path("taken", "tenq_manifest.json")
    if scheme is None:
        manifest.unlink()
    else:
        manifest.write_text(manifest.read_text().replace('"int8"', f'"{scheme}"'))
    model = quantized.parent.parent.parent / "tiny"
    unread = ("--calibration", "no/such/folder")
    code, _, mistake = tenq("quantize", model, *arguments, *unread, "--out", "taken")
    assert code == 2
    assert said in mistake and "\n" not in mistake.strip()


def test_sensitivity_is_measured_and_kept(tenq: Run, tiny_llm: Path, tmp_path: Path) -> None:
    texts, out = tmp_path / "texts.jsonl", tmp_path / "losses.json"
    texts.write_text('{"text": "' + "Net sales rose to 3,240. " * 60 + '"}\n')
    code, _, mistake = tenq("quantize", tiny_llm, "--sensitivity", out)
    assert code == 2
    assert "--calibration" in mistake
    code, said, _ = tenq("quantize", tiny_llm, "--sensitivity", out, "--calibration", texts)
    assert code == 0
    assert "16 layers; loss is KL divergence" in said
    assert out.is_file()
    drawn = out.with_suffix(".front.png")
    drawn.unlink()
    again = tenq("quantize", tiny_llm, "--sensitivity", out)
    assert again[:2] == (0, said) and drawn.is_file()
    code, said, _ = tenq(
        *("quantize", tiny_llm, "--sensitivity", out, "--budget-mb", "0.3", "--no-check"),
        *("--out", tmp_path / "mixed"),
    )
    assert code == 0
    plan = out.with_suffix(".0.3mb.plan.json")
    assert plan.is_file()
    assert "nats a token predicted" in said and "at 4 bits" in said
    assert "measured as a whole" in said and "after swaps" not in said
    assert "made and checked in" in said and "GB of memory at its peak" in said
    assert "layers chosen on 1 texts of texts.jsonl" in said
    assert (tmp_path / "mixed" / "calibration.jsonl").is_file()
    code, said, _ = tenq(
        *("quantize", tiny_llm, "--plan", plan, "--no-check", "--out", tmp_path / "again")
    )
    assert code == 0
    assert "layers chosen on 1 texts of texts.jsonl" in said
    edited = json.loads(plan.read_text())
    edited["layers"]["lm_head"] = 16
    plan.write_text(json.dumps(edited))
    command = ("quantize", tiny_llm, "--sensitivity", out, "--budget-mb", "0.3", "--no-check")
    beside = out.with_suffix(".0.3mb-2.plan.json")
    for _ in range(2):  # its own plan is no other one
        code, said, _ = tenq(*command, "--out", tmp_path / "mixed")
        assert code == 0 and f"{beside}: " in said
    assert json.loads(plan.read_text()) == edited
    others = tmp_path / "others.jsonl"
    others.write_text('{"text": "' + "Total debt fell to 1,100. " * 60 + '"}\n')
    code, _, mistake = tenq(
        *("quantize", tiny_llm, "--sensitivity", out, "--budget-mb", "0.4"),
        *("--calibration", others),
    )
    assert code == 2
    assert "measured on other texts" in mistake and "\n" not in mistake.strip()
    code, said, _ = tenq(
        *("quantize", tiny_llm, "--sensitivity", out, "--budget-mb", "0.4", "--no-check"),
        *("--calibration", texts, "--swaps", "3", "--out", tmp_path / "swapped"),
    )
    assert code == 0
    assert "after swaps" in said and "layers chosen on 1 texts of texts.jsonl" in said
    # Not rounded by these texts, but not to be measured on them either.
    assert (tmp_path / "swapped" / "calibration.jsonl").is_file()
    plan = out.with_suffix(".0.4mb.plan.json")
    code, said, _ = tenq(
        *("quantize", tiny_llm, "--plan", plan, "--calibration", texts, "--no-check"),
        *("--out", tmp_path / "awq"),
    )
    assert code == 0
    assert "calibrated on 1 texts of texts.jsonl" in said


def test_a_full_model_without_right_answers_has_no_recovery(
    tenq: Run, tiny_llm: Path, tmp_path: Path, sample_store: Store
) -> None:
    texts, out = tmp_path / "texts.jsonl", tmp_path / "losses.json"
    texts.write_text('{"text": "' + "Net sales rose to 3,240. " * 60 + '"}\n')
    code, _, mistake = tenq(
        *("quantize", tiny_llm, "--sensitivity", out, "--calibration", texts),
        *("--target-recovery", "0.9", "--store", sample_store.path, "--questions", "5"),
    )
    assert code == 2
    last = mistake.strip().splitlines()[-1]
    assert "tenq: the full model answers none of the 5 questions rightly" in last
    assert not list((tmp_path / "home" / "models").glob(".trial-*"))


def test_losses_without_their_texts_make_no_plan(tenq: Run, tiny_llm: Path, tmp_path: Path) -> None:
    """Earlier versions kept the texts' hash only; the model would not know what chose it."""
    from quantize.sensitivity import LayerLoss, save
    from quantize.sources import bring

    out = tmp_path / "losses.json"
    sizes, loss = {4: 10, 8: 20, 16: 40}, {4: 0.1, 8: 0.01, 16: 0.0}
    about = {"model": "m", "sha256": bring(str(tiny_llm), tmp_path).sha256}
    about |= {"calibration": {"sha256": "of texts"}}
    save([LayerLoss("a", 20, sizes, loss, True)], out, about)
    code, _, mistake = tenq("quantize", tiny_llm, "--sensitivity", out, "--budget-mb", "1")
    assert code == 2
    assert "name them with --calibration" in mistake and "\n" not in mistake.strip()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--budget-mb", "1"), "--sensitivity"),
        (("--target-recovery", "0.9"), "--sensitivity"),
        (("--auto", "--scheme", "int4"), "--auto chooses"),
        (("--plan", "p.json", "--budget-mb", "1"), "exclude each other"),
        (("--sensitivity", "no/such/folder/l.json"), "no such folder"),
        (("--scheme", "int4-awq"), "--calibration PATH"),
        (("--scheme", "int4", "--group-size", "48"), "32, 64, 128, 256"),
        (("--scheme", "int4-awq", "--calibration", "no/such/place"), "no/such/place"),
        (("--json", "x.json"), "--auto"),
        (("--sensitivity", "l.json", "--budget-mb", "nan"), "--budget-mb nan"),
        (("--sensitivity", "l.json", "--budget-mb", "inf"), "--budget-mb inf"),
        (("--auto", "--target-recovery", "nan"), "--target-recovery nan"),
        # Said before any prompt is made: the texts are not looked for.
        (("--plan", "no/p.json", "--calibration", "no/such/place"), "no/p.json is not a plan"),
        (("--scheme", "int8", "--calibration", "no/such/place"), "takes no --calibration"),
        (("--plan", "p.json", "--group-size", "64"), "leave out --scheme, --group-size"),
        (("--sensitivity", "l.json", "--budget-mb", "1", "--ends-bits", "8"), "--ends-bits"),
        (("--plan", "p.json", "--symmetric"), "--symmetric"),
        (("--auto", "--group-size", "64"), "--auto chooses"),
        (("--auto", "--out", "folder"), "--auto chooses"),
        (("--plan", "p.json", "--sensitivity", "l.json"), "exclude each other"),
        (("--sensitivity", "l.json", "--out", "folder"), "no model is made"),
        (("--sensitivity", "l.json", "--target-recovery", "1", "--store", "no"), "no store in no"),
        # What would do nothing, though it says what holds anyway.
        (("--sensitivity", "l.json", "--no-check"), "--no-check needs --budget-mb"),
        (("--swaps", "3"), "--swaps does nothing without --budget-mb"),
        (("--sensitivity", "l.json", "--target-recovery", "0.9", "--swaps", "3"), "--swaps"),
        (("--samples", "32"), "--samples does nothing without --calibration or --auto"),
        (("--sensitivity", "l.json", "--target-recovery", "0.9", "--seed", "1"), "--seed does"),
        (("--scheme", "int8", "--exclude", "q.jsonl"), "--exclude does nothing"),
        (("--sensitivity", "l.json", "--budget-mb", "1", "--store", "s"), "--store does nothing"),
        (("--scheme", "int8", "--questions", "40"), "--auto or --target-recovery"),
        (("--auto", "--no-check"), "leave out --no-check"),
        (("--auto", "--swaps", "1", "--plan", "p.json"), "leave out --plan, --swaps"),
    ],
)
def test_options_that_do_not_go_together(
    options: tuple[str, ...], said: str, tenq: Run, tiny_llm: Path
) -> None:
    code, _, mistake = tenq("quantize", tiny_llm, *options)
    assert code == 2
    assert said in mistake
    assert "\n" not in mistake.strip()


def test_doctor_says_what_suits(tenq: Run) -> None:
    code, said, _ = tenq("doctor")
    assert code == 0
    assert "GB/s" in said and "->" in said
    code, said, _ = tenq("doctor", "--json", "--billion", "0.5")
    assert code == 0
    assert sum(advice["best"] for advice in json.loads(said)["advice"]) == 1


@pytest.mark.parametrize(
    "error", [MemoryError(), ImportError("libx.so: failed to map segment from shared object")]
)
def test_too_little_memory_is_one_line(
    tenq: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("index.samples.write_samples", full)
    code, _, mistake = tenq("samples", tmp_path / "out")
    assert code == 2
    assert mistake == "tenq: not enough memory; close other programs and try again\n"
