"""Who filed what for which period, against what is known from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from eval.errors import EvaluationError
from eval.identity import FIELDS, identities_markdown, run_identities
from index.store import Store


@pytest.fixture
def known(sample_store: Store) -> list[dict[str, Any]]:
    """All that the store says of its filings."""
    return [
        {"doc": d.name, **{name: getattr(d, name) for name in FIELDS}}
        for d in sample_store.documents()
    ]


def test_all_that_a_file_says_has_to_be_so(
    known: list[dict[str, Any]], sample_store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "known.json"
    file.write_text(json.dumps(known))
    result = run_identities(file, sample_store)
    assert result["n"] == result["right"] == len(known) and not result["wrong"]
    known[0] |= {"company": "Brindle & Vost Aggregates", "fiscal_year": 1987}
    known[1]["form"] = "8-K"
    known.append({"doc": "elsewhere", "form": "10-K"})
    file.write_text("\n".join(map(json.dumps, known)))
    result = run_identities(file, sample_store)
    assert result["right"] == result["n"] - 2
    assert {(each["doc"], each["field"]) for each in result["wrong"]} == {
        (known[0]["doc"], "company"),
        (known[0]["doc"], "fiscal_year"),
        (known[1]["doc"], "form"),
    }
    told = identities_markdown(result)
    assert "fiscal_year is 1987, read as " in told and "1 filing is not in the store" in told


def test_the_same_may_be_written_otherwise(
    known: list[dict[str, Any]], sample_store: Store, tmp_path: Path
) -> None:
    first = next(each for each in known if each["form"] == "10-K")
    short = first["company"].split()[0]
    file = tmp_path / "known.jsonl"
    told = [
        {"doc": first["doc"], "company": short, "form": "10k", "page": 3},
        {"doc": first["doc"], "fiscal_year": str(first["fiscal_year"]), "form": "10-K"},
    ]
    file.write_text("\n".join(map(json.dumps, told)))
    result = run_identities(file, sample_store)
    assert (result["n"], result["right"]) == (1, 1)
    assert {row["name"] for row in result["fields"]} == {"company", "form", "fiscal_year"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "not an array of JSON objects"),
        ("[", "not JSON"),
        ("{", "line 1: not JSON"),
        ('{"form": "10-K"}', 'line 1: the name of a filing is needed in field "doc"'),
        ('[{"doc": "x", "form": "10-K"}]', "holds none of the filings"),
        ('{"doc": "x", "form": "8-K"}\n{"doc": "x", "form": "10-Q"}', "line 2: x has two values"),
    ],
)
def test_other_files_are_one_line(
    text: str, said: str, sample_store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "known.jsonl"
    file.write_text(text)
    with pytest.raises(EvaluationError, match=said) as found:
        run_identities(file, sample_store)
    assert "\n" not in str(found.value)
    with pytest.raises(EvaluationError, match="cannot read"):
        run_identities(tmp_path / "none.json", sample_store)


def test_command_says_what_is_wrong_and_exits_by_the_threshold(
    known: list[dict[str, Any]], sample_store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "known.json"
    known[0]["fiscal_year"] = 1987
    file.write_text(json.dumps(known))
    command = ["eval", "facts", "--identities", str(file), "--store", str(sample_store.path)]
    result = CliRunner().invoke(app, [*command, "--min-found", "1"])
    assert result.exit_code == 1 and "fiscal_year is 1987" in result.output
    assert CliRunner().invoke(app, [*command, "--min-found", "0.5"]).exit_code == 0
    both = CliRunner().invoke(app, [*command, "--known", str(tmp_path)])
    assert isinstance(both.exception, EvaluationError)
