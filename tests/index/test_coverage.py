"""What the store does not hold is said before a model is asked; what it holds is not refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embed import Embedder
from index.retrieve import find, search
from index.store import Store

FILING = """FORM 10-K
ANNUAL REPORT PURSUANT TO SECTION 13 OR 15(d) OF THE SECURITIES EXCHANGE ACT OF 1934
For the fiscal year ended December 31, {y}
Quennell Pump Corporation
(Exact name of registrant as specified in its charter)
\fCONSOLIDATED STATEMENTS OF INCOME
(in millions)
Year ended December 31, {y} {y1} {y2}
Net sales $ 1,428 $ 1,300 $ 1,200
Cost of sales 900 800 700
Net income 200 180 170
\fItem 1. Business. Our competitors include Barrowgate and Flowmere, which sell pumps.
Risk: Barrowgate could enter our market. We rent servers from Barrowgate. Headwinds began in 2020.
The lawsuit of Orrin Flats, filed in 2011, was settled with Orrin Flats.
Shares remain under the 2009 Stock Plan. We sell the Azurite line of seals.
\fSegments
{y} {y1} {y2}
Azurite $ 304 $ 280 $ 250
Process Pumps 700 650 600
Energy Pumps 424 370 350
\fMaturities of debt
{n1} {n2} {n3} Thereafter
Debt maturities $ 10 $ 120 $ 30 $ 400
"""
TABLE = """\fSelected financial data
{y} {y1} {y2} {y3} {y4}
Dividends per share 1.00 0.90 0.80 0.70 0.60
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("coverage")
    with Store.open(folder / "store", Embedder(embedder_folder)) as opened:
        for year in (2018, 2024):
            text = FILING + (TABLE if year == 2018 else "")
            years = {f"y{n}": year - n for n in range(1, 5)}
            coming = {f"n{n}": year + n for n in range(1, 4)}
            path = folder / f"filing-{year}.txt"
            path.write_text(text.format(y=year, **years, **coming), encoding="utf-8")
            opened.add(path)
        yield opened


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Compare the revenue of Quennell Pump and Zephyrine", "Zephyrine"),
        ("Compare Zephyrine and Quennell on revenue", "Zephyrine"),
        ("How do Quennell's margins compare with Zephyrine's?", "Zephyrine"),
        ("Did Quennell earn more than Zephyrine in 2024?", "Zephyrine"),
        ("compare quennell revenue with zephyrine", "zephyrine"),
        ("zephyrine and quennell operating margin", "zephyrine"),
        ("What was the revenue of Quennell and Barrowgate in 2024?", "Barrowgate"),
        ("Does Flowmere have higher margins than Quennell?", "Flowmere"),
        ("Zephyrine revenue fiscal 2024", "Zephyrine"),
        ("What was Quennell Controls' revenue in 2024?", "No filing of Quennell Controls"),
        ("What was Quennell Pump Hospitality's revenue in 2024?", "Quennell Pump Hospitality"),
        ("What was Quennell Group's revenue in 2024?", "No filing of Quennell Group"),
        ("What was the revenue of Quennell Bancorp in 2024?", "No filing of Quennell Bancorp"),
        ("Quenell revenue fiscal 2024", "did you mean Quennell Pump Corporation?"),
        ("zephyrine revenue fiscal 2024", "zephyrine"),
        ("what was zephyrine's revenue", "zephyrine"),
        ("What was Barrowgate's revenue", "Barrowgate"),
        ("what was barrowgate's revenue in 2024", "barrowgate"),
        ("Barrowgate revenue 2024", "Barrowgate"),
        ("What net income did Barrowgate report for fiscal 2024?", "Barrowgate"),
        ("What was the net income of American Zephyrs in 2024?", "American Zephyrs"),
        ("Of Zephyrine's revenue, how much was tax?", "Zephyrine"),
        ("What risks does Zephyrine name?", "Zephyrine"),
        ("Quennell revenue fiscal 2020", "not 2020"),
        ("What was Quennell's net income in 2021?", "not 2021"),
        ("What was revenue in fiscal 1995?", "not 1995"),
        ("What was Quennell's revenue in 1995 and 2024?", "not 1995"),
        ("What was Quennell's revenue from FY2018 to FY2020?", "not 2019, 2020"),
        ("What was lease expense in fiscal 2027?", "not 2027"),
        ("What will Quennell's net sales be in fiscal 2027?", "not 2027"),
        ("How much debt matures in 2071?", "not 2071"),
    ],
)
def test_refused(store: Store, question: str, names: str) -> None:
    missing = find(store, question).missing
    assert missing is not None
    assert names in missing


@pytest.mark.parametrize(
    "question",
    [
        "What risks does Quennell name about Barrowgate?",
        "What risks are named about Barrowgate?",
        "Does Quennell depend on Barrowgate?",
        "How does Quennell compete with Barrowgate and Flowmere?",
        "How much debt maturing in 2027 does Quennell have?",
        "debt maturing in 2027",
        "What was Azurite's revenue in 2024?",
        "How did Azurite sales compare with Energy Pumps sales in 2024?",
        "Compare Quennell's Process Pumps and Energy Pumps sales in 2024",
        "Compare Quennell's Azurite sales with Energy Pumps sales in 2024",
        "What is Orrin Flats suing for?",
        "How did the lawsuit of Orrin Flats filed in 2011 end?",
        "How many shares remain under the 2009 Stock Plan?",
        "Of the debt of Quennell, how much falls due in 2026?",
        "What dividends per share did Quennell pay in 2014?",
        "what was quennell's revenue in 2024",
        "toal revenue 2024",
        "Servers and Quennell's revenue in 2024",
        "Quarterly revenue fiscal 2024",
        "Compare revenue in Europe with Asia",
        "What was Quennell's EBITDA and D&A in 2024?",
        "Was there a drop in Cash & Cash equivalents between FY 2023 and FY2024?",
        "What Was The Total Revenue In 2024?",
        "What was the Company's revenue in 2024?",
        "What was Quennell Pump's revenue in 2024?",
        "What was Quennell Europe revenue in 2024?",
        "What were Quennell Process Pumps sales in 2024?",
        "What Was Quennell Net Income In 2024?",
        "What was Quennell Azurite revenue in 2024?",
        "Did Brexit affect net sales?",
        "What is the Quennell ratio of debt to equity at December 31, 2024?",
        "What was its net income in 2022 and 2023?",
    ],
)
def test_not_refused(store: Store, question: str) -> None:
    assert find(store, question).missing is None


def test_search_matches_whole_words_tickers_and_variants_of_a_form(
    tmp_path: Path, embedder_folder: Path
) -> None:
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as opened:
        for form, name in (("10-K/A", "Vedge Works Inc"), ("10-K405", "Dge Mills Inc")):
            path = tmp_path / f"{name.split()[0]}.txt"
            text = FILING.format(y=2020, y1=2019, y2=2018, n1=2021, n2=2022, n3=2023)
            text = text.replace("FORM 10-K", f"FORM {form}").replace(
                "Quennell Pump Corporation",
                f"{name}\nour stock is listed under the symbol “{name[:3].upper()}”",
            )
            path.write_text(text.replace("charter)", f"charter) {name}"), encoding="utf-8")
            opened.add(path)
        forms = {d.form for d in opened.documents()}
        assert forms == {"10-K/A", "10-K405"}
        assert {h.form for h in search(opened, "net sales", 50, form="10-k")} == forms
        assert search(opened, "net sales", form="10-Q") == []
        assert search(opened, "net sales", company="edge") == []
        found = {h.company for h in search(opened, "net sales", 50, company="works")}
        assert len(found) == 1
