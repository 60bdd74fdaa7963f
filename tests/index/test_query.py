"""What a question is understood to ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Document
from index.names import filers
from index.query import fiscal_years, plain_name, same_company, understand


def document(company: str, ticker: str | None = None) -> Document:
    return Document(
        1, "x", "x", "pdf", "", company, "10-K", 2023, "FY", None, None, ticker, 1, 1, 0, "", ()
    )


WILD = (
    "Of The of & and A's News Corp. Liberty – Zephyrine's St. revenue FY 2020 Q2'2023 U.S. , ? 's ’"
).split()
FILERS = [
    document("Valdor Valves, Inc.", "VLDR"),
    document("The Kestrel-Looms Company"),
    document("QX Resorts International"),
    document("General Sprockets Corporation", "GSP"),
    document("Penny's Pantry Holdings plc"),
]


@pytest.mark.parametrize(
    ("question", "companies"),
    [
        ("What was Valdor Valves' revenue?", ["Valdor Valves, Inc."]),
        ("what was valdor's revenue?", ["Valdor Valves, Inc."]),
        ("VALDOR VALVES INC revenue", ["Valdor Valves, Inc."]),
        ("Revenue of VLDR in 2023", ["Valdor Valves, Inc."]),
        ("Valdorr Valves revenue", ["Valdor Valves, Inc."]),
        ("Did Kestrel Looms pay a dividend?", ["The Kestrel-Looms Company"]),
        ("Which region did best for QX in FY2022?", ["QX Resorts International"]),
        ("Did General Motors grow?", []),
        ("Is the general outlook good?", []),
        ("Pennys Pantry stores", ["Penny's Pantry Holdings plc"]),
        ("Compare Valdor with QX Resorts", ["QX Resorts International", "Valdor Valves, Inc."]),
        ("What was revenue in 2023?", []),
    ],
)
def test_companies(question: str, companies: list[str]) -> None:
    assert list(understand(question, FILERS).companies) == companies


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("revenue in FY2018", (2018,)),
        ("FY18 and fiscal 2019", (2018, 2019)),
        ("FY2015 - FY2017 average", (2015, 2016, 2017)),
        ("from FY2019 to FY2021", (2019, 2020, 2021)),
        ("fiscal 2022 to fiscal 2024", (2022, 2023, 2024)),
        ("FY19-FY21", (2019, 2020, 2021)),
        ("from 2015 to 2017", (2015, 2016, 2017)),
        ("total of 2,018 units", ()),
        ("the 1.750% Notes due 2030", (2030,)),
    ],
)
def test_years(question: str, years: tuple[int, ...]) -> None:
    assert fiscal_years(question) == years


@pytest.mark.parametrize(
    ("question", "statements"),
    [
        ("What is the working capital?", {"balance"}),
        ("capital expenditures in 2020", {"cash_flow"}),
        ("earnings per share", {"income"}),
        ("using the balance sheet and the P&L, what is DPO?", {"balance", "income"}),
        ("Who is the auditor?", set()),
    ],
)
def test_statements(question: str, statements: set[str]) -> None:
    assert understand(question, FILERS).statements == statements


def test_period_and_form() -> None:
    query = understand("In the third quarter of 2023, what did the 10-Q say?", FILERS)
    assert (query.fiscal_period, query.form) == ("Q3", "10-Q")


def names(question: str, filers: list[Document] = FILERS) -> list[str]:
    return [stranger.name for stranger in understand(question, filers).unknown]


def test_strangers_are_named() -> None:
    assert names("What was Zephyrine Motors' revenue?") == ["Zephyrine Motors"]
    assert names("What was the revenue of Bank of Elbonia in 2020?") == ["Bank of Elbonia"]
    assert names("What was Valdor's revenue?") == []
    (one,) = understand("Did Valdor earn more than Zephyrine?", FILERS).unknown
    assert (one.name, one.beside, one.written) == ("Zephyrine", True, True)
    (one,) = understand("zephyrine vs valdor operating margin", FILERS).unknown
    assert (one.name, one.beside, one.written) == ("zephyrine", True, False)
    (one,) = understand("what was zephyrine's revenue", FILERS).unknown
    assert (one.name, one.owns, one.written) == ("zephyrine", True, False)


EVERYDAY = [
    document("International Paper Company", "IP"),
    document("American International Group, Inc.", "AIG"),
    document("News Corp"),
    document("Liberty Holdings"),
    document("Liberty International Group"),
    document("The Amy Dorrit Company"),
    document("Varnholt Mills Inc."),
    document("Varnholt Group"),
    document("—"),
]


@pytest.mark.parametrize(
    ("question", "companies"),
    [
        ("How much commercial paper was outstanding in 2023?", []),
        ("how much commercial paper was outstanding?", []),
        ("What news was there in 2023?", []),
        ("What is American Airlines' revenue?", []),
        ("What is International Paper's revenue?", ["International Paper Company"]),
        ("What was AIG's revenue?", ["American International Group, Inc."]),
        ("What is the revenue of News Corp?", ["News Corp"]),
        ("What was Liberty's revenue?", []),
        ("What was Varnholt's revenue?", ["Varnholt Group", "Varnholt Mills Inc."]),
        ("What was Varnholt Global's revenue?", []),
        ("What was Liberty Holdings' revenue?", ["Liberty Holdings"]),
        ("What was Dorrit's revenue?", ["The Amy Dorrit Company"]),
        ("Is Dorrit profitable?", ["The Amy Dorrit Company"]),
        ("Evaluate Dorrit revenue", ["The Amy Dorrit Company"]),
        ("Zeffy-Dorrit revenue", []),
        ("Zeffy Dorrit revenue 2022", []),
        ("— what was revenue?", []),
    ],
)
def test_everyday_words_name_no_company(question: str, companies: list[str]) -> None:
    assert list(understand(question, EVERYDAY).companies) == companies


def test_a_company_once_guessed_from_a_file_is_named_in_full_only() -> None:
    guessed = [replace(document("Zephyrine Results"), name="zephyrine_results_2024")]
    assert understand("What were the results of Zephyrine?", guessed).companies == ()
    assert understand("What did Zephyrine Results say?", guessed).companies != ()
    assert understand("What were the results?", [document("Results")]).companies == ()


def test_same_company() -> None:
    assert same_company("Acme Systems Inc.", "Acme Systems, Incorporated")
    assert same_company("The Acme Company", "ACME CO")
    assert not same_company("Liberty Holdings", "Liberty International Group")
    assert not same_company("—", "–")
    assert not same_company(None, "")


def test_one_filer_under_several_names() -> None:
    old = replace(document("Valdor Systems Incorporated", "VLDR"), fiscal_year=2015)
    new = replace(document("Valdor Inc.", "VLDR"), fiscal_year=2022)
    assert understand("What was Valdor's revenue in 2015?", [old, new]).companies == (
        "Valdor Inc.",
    )
    (filer,) = filers([new, old])
    assert filer.documents == (old, new)


@given(
    st.lists(
        st.builds(
            lambda name, cik, ticker: replace(document(name, ticker), cik=cik),
            st.sampled_from(["Acme Inc.", "Acme Corp", "Acme Pumps", "Birch Co", "Birch Mills"]),
            st.sampled_from([None, "1", "2"]),
            st.sampled_from([None, "AA", "BB"]),
        ),
        max_size=8,
    )
)
def test_filers_are_told_by_name_cik_or_symbol(filings: list[Document]) -> None:
    numbered = [replace(filing, id=n, fiscal_year=n) for n, filing in enumerate(filings)]
    expected: list[set[int]] = []
    for one in numbered:
        same = {other.id for other in numbered if is_same_filer(one, other)} | {one.id}
        joined = [group for group in expected if group & same]
        expected = [g for g in expected if not g & same] + [same.union(*joined)]
    found = filers(numbered)
    assert sorted(sorted(d.id for d in f.documents) for f in found) == sorted(map(sorted, expected))
    assert all(f.name == f.documents[-1].company for f in found)


def is_same_filer(one: Document, other: Document) -> bool:
    if same_company(one.company, other.company):
        return True
    if one.cik and other.cik:
        return one.cik == other.cik
    first, second = (plain_name(str(d.company)).split()[0] for d in (one, other))
    return bool(one.ticker) and one.ticker == other.ticker and first == second


@given(st.lists(st.sampled_from(WILD), max_size=12).map(" ".join))
def test_any_question_ends(text: str) -> None:
    query = understand(text, EVERYDAY)
    assert set(query.companies) <= {d.company for d in EVERYDAY}


@given(st.text(max_size=300))
def test_any_text_is_understood(text: str) -> None:
    query = understand(text, FILERS)
    assert set(query.companies) <= {d.company for d in FILERS}


@given(st.text(min_size=1, max_size=60))
def test_plain_name_of_any_text(text: str) -> None:
    assert plain_name(text) == plain_name(text).strip()


@pytest.mark.parametrize(
    "impostor",
    [
        "Vаldor Valves, Inc.",  # а Cyrillic а
        "Valdor Va1ves, Inc.",
        "Va\u0301ldor Valves, Inc.",
        "Ｖaldor Valvess, Inc.",
        "ValdorValves, Inc.",
        "Valdor Valves Holdings, Inc.",
    ],
)
def test_a_name_that_looks_like_another_is_not_asked_for(impostor: str) -> None:
    both = [FILERS[0], document(impostor)]
    for question in ("What was Valdor Valves' revenue?", "VALDOR VALVES INC revenue in 2023"):
        assert list(understand(question, both).companies) == ["Valdor Valves, Inc."]
    assert list(understand("Valdor Valves Holdings revenue", both).companies)[:1]


WIDGETS = replace(document("International Widget Makers Corporation"), id=1)


@pytest.mark.parametrize(
    ("question", "store", "named"),
    [
        ("What was IWM's revenue?", [WIDGETS], True),
        ("What was iwm's revenue?", [WIDGETS], False),
        ("Was Iwm profitable?", [WIDGETS], False),
        ("What was IWM's revenue?", [replace(WIDGETS, ticker="IWM")], True),
        # Listed under other letters: "IWM" may be another's symbol.
        ("What was IWM's revenue?", [replace(WIDGETS, ticker="WMKR")], False),
        ("What was IWM's revenue?", [replace(WIDGETS, ticker="WMKR", aliases=("IWM",))], True),
        # Two go by these letters, or one is listed under them.
        ("What was IWM's revenue?", [WIDGETS, document("Irish Wool Mills plc")], False),
        ("What was IWM's revenue?", [WIDGETS, document("Zubar Inc", "IWM")], False),
        ("What was Oldwidget's revenue?", [replace(WIDGETS, aliases=("Oldwidget Inc.",))], True),
        ("what was oldwidget's revenue?", [replace(WIDGETS, aliases=("Oldwidget Inc.",))], True),
        ("Oldwidget Motors revenue in Europe?", [replace(WIDGETS, aliases=("Oldwidget",))], False),
        ("How did Target sell?", [replace(WIDGETS, aliases=("Target",))], True),
        ("What is the target?", [replace(WIDGETS, aliases=("Target",))], False),
    ],
)
def test_other_names(question: str, store: list[Document], named: bool) -> None:
    companies = understand(question, store).companies
    assert (WIDGETS.company in companies) is named


def test_a_name_that_another_filer_bears_is_no_alias() -> None:
    heir = replace(WIDGETS, aliases=("Valdor Valves",))
    assert understand("What was Valdor Valves' revenue?", [heir, FILERS[0]]).companies == (
        FILERS[0].company,
    )


@pytest.mark.parametrize(
    ("question", "company"),
    [
        ("What was Quill and Mills's revenue?", "Quill & Mills Inc."),
        ("Quill & Mills revenue", "Quill and Mills Corporation"),
        ("What was Q and M Foods' revenue?", "Q&M Foods Inc."),
        ("What was Q&M Foods’ revenue?", "Q and M Foods Inc."),
        ("What was Q&M's revenue?", "Quill & Mills Inc."),
        ("What was Penny’s revenue?", "Penny's Inc."),
        ("Pennys' revenue", "Penny's Inc."),
    ],
)
def test_one_name_in_several_spellings(question: str, company: str) -> None:
    assert understand(question, [document(company), document("Zubar Inc")]).companies == (company,)


def test_same_company_whatever_the_joint() -> None:
    assert same_company("Quill & Mills Inc.", "Quill and Mills Corporation")
