"""Forms: which one a question names, what counts as it, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embed import Embedder
from index.forms import form_asked, form_name, is_form
from index.retrieve import find
from index.store import Store


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("What does Acme's 10-K say of risks?", "10-K"),
        ("Acme's annual report on Form 10-K", "10-K"),
        ("What does the annual report say?", "annual report"),
        ("the 20-F of 2023", "20-F"),
        ("Acme 40F 2022", "40-F"),
        ("Which 6-K announced the dividend?", "6-K"),
        ("the quarterly report for March", "quarterly report"),
        ("How are directors paid according to the proxy statement?", "DEF 14A"),
        ("the DEF 14A of 2024", "DEF 14A"),
        ("What does the 2024 proxy say of pay?", "DEF 14A"),
        ("Use of proceeds in the S-1", "S-1"),
        ("the prospectus's risk factors", "prospectus"),
        ("Acme's amended 10-K", "10-K/A"),
        ("What changed in the 10-K/A?", "10-K/A"),
        ("the amendment to its annual report", "annual report/A"),
        ("the earnings release in its 8-K", "earnings"),
        ("What did the 8-K of May announce?", "8-K"),
        ("Compare the 10-K and the 10-Q", None),
        ("Did it pay $10k or €8K?", None),
        ("Is the proxy contest over?", None),
        ("What is on page F-1?", None),
        ("What was revenue?", None),
    ],
)
def test_form_asked(question: str, form: str | None) -> None:
    assert form_asked(question) == form


@pytest.mark.parametrize(
    ("asked", "form", "fits"),
    [
        ("10-k", "10-K405", True),
        ("10-K", "10-K/A", True),
        ("10-K/A", "10-K", False),
        ("10-K/A", "10-K/A", True),
        ("annual report", "20-F", True),
        ("annual report", "40-F/A", True),
        ("annual report", "10-Q", False),
        ("annual report/A", "20-F", False),
        ("quarterly report", "6-K", True),
        ("def14a", "DEF 14A", True),
        ("proxy statement", "SCHEDULE 14A", True),
        ("prospectus", "424B4", True),
        ("prospectus", "S-1/A", True),
        ("S-1", "S-11", False),
        ("earnings", "8-K", True),
        ("8-K", "earnings", False),
        ("20-F", None, False),
    ],
)
def test_is_form(asked: str, form: str | None, fits: bool) -> None:
    assert is_form(asked, form) is fits


def test_form_name() -> None:
    assert [form_name(f) for f in ("10k/a", "def14a", "s1", "20f", "DEF 14A", "DEFA14A")] == [
        "10-K/A", "DEF 14A", "S-1", "20-F", "DEF 14A", "DEFA14A",
    ]  # fmt: skip


COVER = """UNITED STATES
SECURITIES AND EXCHANGE COMMISSION
Washington, D.C. 20549
FORM {form}
ANNUAL REPORT PURSUANT TO SECTION 13 OR 15(d) OF THE SECURITIES EXCHANGE ACT OF 1934
For the fiscal year ended December 31, 2023
{name}
(Exact name of registrant as specified in its charter)
\fItem 4. The board. Our directors are paid fees of $ 90 thousand and own shares of {name} too.
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("forms")
    with Store.open(folder / "store", Embedder(embedder_folder)) as opened:
        for form, name in (
            ("20-F", "Vedmark Valves plc"),
            ("8-K", "Vedmark Valves plc"),
            ("10-K", "Quorn Mills Inc"),
            ("10-K/A", "Quorn Mills Inc"),
        ):
            path = folder / f"{name.split()[0]}-{form.replace('/', '')}.txt"
            path.write_text(COVER.format(form=form, name=name), encoding="utf-8")
            opened.add(path)
        yield opened


@pytest.mark.parametrize(
    ("question", "forms", "note"),
    [
        ("What does Vedmark's annual report say of directors?", {"20-F"}, None),
        ("What does Vedmark's 8-K say of directors?", {"8-K"}, None),
        ("What does Quorn's 10-K say of directors?", {"10-K", "10-K/A"}, None),
        ("What does Quorn's amended 10-K say of directors?", {"10-K/A"}, None),
        (
            "What does Quorn's 8-K of 2023 say of directors?",
            {"10-K", "10-K/A"},
            "No 8-K of Quorn Mills Inc for fiscal 2023 in the store; searched its 10-K, 10-K/A.",
        ),
        (
            "How do the proxy statements of Quorn and Vedmark say directors are paid?",
            {"10-K", "10-K/A", "20-F", "8-K"},
            "No DEF 14A of Quorn Mills Inc in the store; searched its 10-K, 10-K/A. "
            "No DEF 14A of Vedmark Valves plc in the store; searched its 20-F, 8-K.",
        ),
        (
            "Compare the 10-K of Quorn and of Vedmark on directors",
            {"10-K", "10-K/A", "20-F", "8-K"},
            "No 10-K of Vedmark Valves plc in the store; searched its 20-F, 8-K.",
        ),
        ("What does the 20-F say of directors?", {"20-F"}, None),
    ],
)
def test_the_form_asked_is_searched_and_a_lacking_one_is_said(
    store: Store, question: str, forms: set[str], note: str | None
) -> None:
    found = find(store, question)
    assert {hit.form for hit in found.hits} == forms
    assert found.note == note
    assert found.missing is None
