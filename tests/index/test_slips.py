"""Whom a misspelt name may mean: suggested, never taken."""

from __future__ import annotations

import pytest

from index.instead import other_company
from index.names import filers
from index.query import understand
from index.slips import meant
from tests.index.test_query import document

FILED = [
    document("Farnelco, Inc."),
    document("Velmor plc"),
    document("Velmex Corporation"),
    document("Quoravia Communications Inc."),
    document("Brass Kettle, Inc."),
    document("General Sprockets Corporation"),
    document("Zuke Inc."),
]
KNOWN = filers(FILED)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Velmorr", ["Velmor plc"]),
        ("Vlemor", ["Velmor plc"]),
        ("Velmer", ["Velmex Corporation", "Velmor plc"]),
        ("Zukee", ["Zuke Inc."]),
        ("quorvia", ["Quoravia Communications Inc."]),
        ("Qurovaia", ["Quoravia Communications Inc."]),
        ("Brasskettel", ["Brass Kettle, Inc."]),
        ("Farnel", ["Farnelco, Inc."]),
        ("Belmor", []),
        ("Velours", []),
        ("Generall", []),
        ("general", []),
        ("Zue", []),
        ("", []),
    ],
)
def test_a_slip_is_near_one_name(said: str, names: list[str]) -> None:
    assert meant(said, KNOWN) == names


def test_who_is_not_near_is_told_who_there_is() -> None:
    assert other_company(["Velmorr", "Nobody"], KNOWN) == "did you mean Velmor plc?"
    assert other_company(["Nobody"], KNOWN[:2]) == "it holds filings of Farnelco, Inc., Velmor plc."
    assert other_company(["Nobody"], KNOWN).endswith("Velmor plc and others.")


def test_a_slip_in_a_short_name_is_no_less_a_stranger() -> None:
    """Once it was neither taken nor told, and the question answered of whoever was named beside."""
    for question in ("What was Zukee's revenue?", "Compare Zukee and Velmor revenue"):
        assert [one.name for one in understand(question, FILED).unknown] == ["Zukee"]
