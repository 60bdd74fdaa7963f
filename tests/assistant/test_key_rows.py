"""The rows that are read out to the model last."""

from __future__ import annotations

from assistant.answer import Passage
from assistant.key_rows import key_rows
from index.embed import Embedder

YEARS = """(in millions)
2024 2023
Depreciation and amortization 81 77
Changes in working capital (12) 4
Purchases of property and equipment (96) (88)
Dividends paid (20) (19)"""
SHORT_AND_LONG = """Three Months Ended Six Months Ended
2024 2023 2024 2023
Pumps 12 11 25 22
Valves 7 6 15 13"""


def passages(*texts: str) -> list[Passage]:
    return [
        Passage(n, n, f"filing {n}", 1, text, "Acme Corp", "10-K", 2024, 1.0)
        for n, text in enumerate(texts, 1)
    ]


def test_a_row_is_found_by_the_name_that_statements_print(embedder: Embedder) -> None:
    rows = key_rows("What was capex in 2024?", passages("Prose.", YEARS), embedder)
    assert "[2] Purchases of property and equipment: 2024 = (96); 2023 = (88)" in rows
    assert not any("Dividends" in row for row in rows)


def test_every_clause_of_a_definition_finds_its_row(embedder: Embedder) -> None:
    question = (
        "Coverage is defined as depreciation and amortization / dividends paid in 2024. How much?"
    )
    rows = "\n".join(key_rows(question, passages(YEARS), embedder))
    assert "Depreciation and amortization: 2024 = 81" in rows and "Dividends paid" in rows


def test_rows_of_several_durations_are_found_too(embedder: Embedder) -> None:
    rows = key_rows("What were sales of pumps?", passages(SHORT_AND_LONG), embedder)
    assert rows[0] == (
        "[1] Pumps: three months 2024 = 12; three months 2023 = 11; "
        "six months 2024 = 25; six months 2023 = 22"
    )


def test_no_rows_no_lines(embedder: Embedder) -> None:
    assert key_rows("What was capex in 2024?", passages("Prose only."), embedder) == ()
    assert key_rows("", passages(YEARS), embedder) == ()
