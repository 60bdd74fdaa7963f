"""Figures from rows as printed: what stands in notes, its changes, means, shares and sums."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import FigureAnswer, Passage
from assistant.evidence import gather
from assistant.figures.row_answer import row_answer
from index.embed import Embedder
from index.store import Store
from tests.assistant.figures.conftest import with_page, write_annual

NOTE = """NOTE 7. ACCRUED LIABILITIES
(in thousands, except per share data)
December 31, 2024 2023 2022
Accrued payroll and benefits $ 1,210 $ 1,100 $ 900
Product warranties 402 320 400
Deferred rent (15) — 10
Accrued advertising and
promotion 90 60 50
Total accrued liabilities $ 1,687 $ 1,480 $ 1,360
Dividend per common share $ 0.75 $ 0.70 $ 0.64
Discount rate 4.5% 4.0% 3.1%
"""
TAX = """The provision for income taxes consisted of the following (in millions):
Year Ended December 31,
2024 2023
Current:
Federal $ 30 $ 20
State 9 8
Deferred:
Federal (6) 4
State 2 1
"""


def passage(text: str, **changes: object) -> Passage:
    made = Passage(1, 1, "LARKSPUR_10K", 48, text, None, None, None, 1.0)
    return replace(made, **changes)  # type: ignore[arg-type]


def answered(question: str, text: str = NOTE, **changes: object) -> FigureAnswer | None:
    return row_answer(question, [passage(text, **changes)])


@pytest.mark.parametrize(
    ("question", "value", "unit", "said"),
    [
        ("What were the product warranties in 2024?", 402_000, "USD", "$402 thousand in 2024"),
        ("How much was accrued payroll and benefits in 2023?", 1.1e6, "USD", "$1,100 thousand"),
        ("What was the deferred rent at December 31, 2024?", -15_000, "USD", "-$15 thousand"),
        ("What was the accrued advertising and promotion in 2023?", 60_000, "USD", "$60 thousand"),
        ("What was the dividend per common share in 2023?", 0.70, "USD", "$0.70 in 2023"),
        ("What was the discount rate in 2022?", 3.1, "%", "3.1%"),
        (
            "What was the change in product warranties from 2023 to 2024?",
            82_000,
            "USD",
            "from 2023 to 2024 was $82 thousand: $320 thousand in 2023; $402 thousand in 2024",
        ),
        ("By how much did product warranties change in 2024?", 82_000, "USD", "$82 thousand"),
        (
            "What was the percentage change in accrued payroll and benefits between 2023 and 2024?",
            10.0,
            "%",
            "10%",
        ),
        ("What percentage did product warranties decrease from 2022 to 2023?", -20, "%", "-20%"),
        ("What was the change in the discount rate from 2023 to 2024?", 0.5, "%", "0.5 percentage"),
        (
            "What is the average of product warranties from 2022 to 2024?",
            374_000,
            "USD",
            "$374 thousand",
        ),
        ("What was the 2024 average total accrued liabilities?", 1_583_500, "USD", "$1,583.5"),
        (
            "What percentage of total accrued liabilities was product warranties in 2023?",
            21.62,
            "%",
            "was 21.62%: $320 thousand and $1,480 thousand",
        ),
        (
            "Accrued payroll and benefits as a percentage of total accrued liabilities in 2023?",
            None,
            None,
            "",
        ),
        (
            "What is the ratio of product warranties to deferred rent in 2024?",
            -26.8,
            None,
            "was -26.8",
        ),
        (
            "What is the difference between product warranties and deferred rent in 2022?",
            390_000,
            "USD",
            "$390 thousand",
        ),
        (
            "What is the sum of product warranties and deferred rent in 2022?",
            410_000,
            "USD",
            "$410 thousand",
        ),
        (
            "What were the total product warranties in 2023 and 2024?",
            722_000,
            "USD",
            "Together that is $722 thousand",
        ),
    ],
)
def test_what_rows_answer(question: str, value: float | None, unit: str | None, said: str) -> None:
    answer = answered(question)
    if value is None:
        assert answer is None  # it asks for nothing: no verb
        return
    assert answer is not None
    assert answer.value == pytest.approx(value)
    assert answer.unit == unit
    assert said in answer.text


def test_years_are_listed_as_asked() -> None:
    answer = answered("What were the product warranties in 2024, 2022 and 2023 respectively?")
    assert answer is not None and answer.value is None
    assert "$402 thousand in 2024, $400 thousand in 2022 and $320 thousand in 2023" in answer.text
    assert [step["period"] for step in (answer.calculation or {})["steps"]] == [
        "2024",
        "2022",
        "2023",
    ]
    backwards = answered("What were the product warranties for fiscal years 2024 to 2022?")
    assert backwards is not None and "in 2024, $320 thousand in 2023 and" in backwards.text


def test_a_row_called_total_is_not_summed_over_years() -> None:
    answer = answered("What were the total accrued liabilities in 2023 and 2024?")
    assert answer is not None and answer.value is None
    assert "Together" not in answer.text


@pytest.mark.parametrize(
    ("question", "year"),
    [
        ("In which year were product warranties higher?", "2024"),
        ("In which year were product warranties the lowest?", "2023"),
        ("Which year had the lowest accrued payroll and benefits?", "2022"),
        ("In which year was deferred rent larger, 2023 or 2022?", "2022"),
    ],
)
def test_the_year_of_the_most_and_the_least(question: str, year: str) -> None:
    answer = answered(question)
    assert answer is not None
    assert f"est in {year}:" in answer.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "In which year were product warranties less than 350 thousand?",
            "was below $350 thousand in 2023:",
        ),
        (
            "In which years did product warranties exceed $0.35 million?",
            "was above $350 thousand in 2024 and 2022:",
        ),
        (
            "How many years did product warranties exceed $350 thousand?",
            "It is 2 of the 3 years told:",
        ),
        ("How many years were product warranties above 1 billion?", "It is 0 of the 3 years told:"),
        ("Which years was the discount rate higher than 4%?", "was above 4% in 2024:"),
        ("In which year was deferred rent less than 5 thousand, 2023 or 2022?", None),
        ("In which year were product warranties less than 350?", None),  # dollars, or thousands
        ("In which year was the discount rate higher than 4?", None),
        ("In which year was the deferred rent expense of valves less than 5 thousand?", None),
    ],
)
def test_years_beyond_a_limit(question: str, said: str | None) -> None:
    answer = answered(question)
    if said is None:
        assert answer is None
    else:
        assert answer is not None and said in answer.text
        assert len(answer.facts) == 3


def test_every_amount_is_cited_where_it_stands() -> None:
    answer = answered("What was the change in product warranties from 2023 to 2024?")
    assert answer is not None
    (citation,) = answer.citations
    assert (citation.doc, citation.page) == ("LARKSPUR_10K", 48)
    assert citation.quote == "Product warranties 402 320 400"
    assert [(fact["period"], fact["shown"], fact["citation"]) for fact in answer.facts] == [
        ("2023", "320", 0),
        ("2024", "402", 0),
    ]
    (step,) = (answer.calculation or {})["steps"]
    assert step["line"] == "change in “Product warranties” = 402 − 320 (in thousands)"
    assert step["shown"] == "$82 thousand"


def test_headings_tell_rows_of_one_name_apart() -> None:
    answer = answered(
        "What was the deferred state tax in 2024?", TAX.replace("Deferred:", "Deferred tax:")
    )
    assert answer is not None
    assert answer.value == 2e6
    assert answer.text == "“Deferred tax: State” was $2 million in 2024."
    assert answered("What was the state tax in 2024?", TAX) is None


@pytest.mark.parametrize(
    "question",
    [
        "What were the product warranties in 2021?",  # not shown
        "What were the extended product warranties in 2024?",  # says more than the label
        "What was the payroll in 2024?",  # says less
        "What were the product warranties in Europe in 2024?",
        "What were the product warranties in the third quarter of 2024?",
        "Why did product warranties rise in 2024?",
        "What led to the increase in product warranties in 2024?",
        "What was the percentage change in deferred rent from 2023 to 2024?",  # from nothing
        "What was the percentage change in deferred rent from 2022 to 2024?",  # changed its sign
        "What are product warranties?",
        # words that say more than the row does, before or after what is asked of it
        "How much did product warranties increase in Europe from 2023 to 2024?",
        "Excluding acquisitions, what was the change in product warranties in 2024?",
        "What was the organic growth in product warranties in 2024?",
        "What was the compound annual growth rate of product warranties from 2022 to 2024?",
        "What was the industry average of product warranties in 2024?",
        "In which year were product warranties lower than deferred rent?",
        "How much did product warranties increase in percentage terms from 2023 to 2024?",
        # other days and years
        "What were the product warranties at June 30, 2024?",
        "What were the product warranties in March 2024?",
        "What was the increase in product warranties compared with 2023?",
        "What were the total product warranties over the 3 years ended 2024?",
    ],
)
def test_what_is_not_surely_meant_is_left(question: str) -> None:
    assert answered(question) is None


@pytest.mark.parametrize(
    "text",
    [
        NOTE.replace("December 31, 2024", "Three months ended December 31, 2024"),
        NOTE.replace("NOTE 7. ACCRUED LIABILITIES", "Unaudited pro forma results"),
        NOTE + NOTE.replace("402", "403"),
    ],
)
def test_other_periods_and_contradictions_are_left(text: str) -> None:
    assert answered("What were the product warranties in 2024?", text) is None


@pytest.mark.parametrize(
    ("row", "said", "value", "unit"),
    [
        ("Long-term debt $ 800 $ 700", "$800 million", 800e6, "USD"),
        ("Interest rate swaps $ 80 $ 70", "$80 million", 80e6, "USD"),
        ("Other borrowings (15.0% and 2.2%) 318 309", "318 million", 318e6, None),
        ("Tons shipped 5,100 4,900", "5,100 (as printed)", None, None),
        ("Number of employees 5,100 4,900", "5,100 (as printed)", None, None),
        ("Dividends declared $0.75 $0.70", "$0.75 (as printed)", None, None),
        ("Price per ton $ 75 $ 70", "$75 in", 75, "USD"),
        ("Gross margin (%) 41.5 40.0", "41.5%", 41.5, "%"),
        ("Deferred rent −15 −12", "-15 million", -15e6, None),
        ("Deferred rent -$15 -$12", "-$15 million", -15e6, "USD"),
    ],
)
def test_units_are_the_tables_where_they_can_be(
    row: str, said: str, value: float | None, unit: str | None
) -> None:
    text = f"Selected data (in millions)\n2024 2023\nService contracts 1 2\n{row}\n"
    label = row.split(" (")[0].rstrip("0123456789,.$−- ")
    answer = answered(f"What was {label} in 2024?", text)
    assert answer is not None
    assert said in answer.text
    assert answer.value == (pytest.approx(value) if value is not None else None)
    assert answer.unit == unit


REGIONS = """Revenue by region (in millions)
2024 2023
Northern region:
Upland $ 60 $ 50
Lowland 40 30
Total northern region 100 80
Southern 20 10
Revenue $ 120 $ 90
"""


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("What was the northern region's revenue in 2024?", REGIONS, 100e6),
        ("What was northern region Southern in 2024?", REGIONS, None),
        ("What was the northern region's Upland in 2024?", REGIONS, 60e6),
        ("What was the total northern region in 2024?", REGIONS, 100e6),
        ("What was the deferred provision in 2024?", f"{TAX}Provision $ 35 $ 33\n", None),
        ("What was the deferred total provision in 2024?", f"{TAX}Total provision 35 33\n", None),
        ("What was the deferred provision in 2024?", f"{TAX}Provision $ (4) $ 5\n", -4e6),
        ("What was the deferred State in 2024?", f"{TAX}Provision $ 35 $ 33\n", 2e6),
    ],
)
def test_a_heading_ends_with_its_total(question: str, text: str, value: float | None) -> None:
    """What stands below it, or is the sum of more, is no part of what the heading names."""
    answer = answered(question, text)
    assert (answer.value if answer else None) == value


@pytest.mark.parametrize(
    ("row", "asked", "said", "value"),
    [
        ("Diluted 1,540 1,510", "diluted", "1,540 (as printed)", None),
        ("Shares used, diluted 1,540 1,510", "shares used, diluted", "1,540 (as printed)", None),
        ("Average shares (in thousands) 40 30", "average shares", "40 thousand", 40_000),
        ("Diluted 2.04 1.90", "diluted", "2.04 in 2024", 2.04),
    ],
)
def test_shares_are_no_amounts_per_share(
    row: str, asked: str, said: str, value: float | None
) -> None:
    text = f"(in millions)\n2024 2023\nNet income $ 12 $ 11\nEarnings per share:\n{row}\n"
    answer = answered(f"What was the {asked} in 2024?", text)
    assert answer is not None
    assert said in answer.text
    assert answer.value == value


def test_a_scale_not_said_is_not_made_up() -> None:
    prose = "Backlog rose to $1.2 billion; sales are reported in millions of dollars each.\n"
    answer = answered("What was rent in 2024?", f"{prose}2024 2023\nRent $ 402 $ 320\n")
    assert answer is not None
    assert "$402 (as printed)" in answer.text
    assert answer.value is None and answer.unit is None


@pytest.mark.parametrize(
    ("asked", "printed"),
    [
        ("Tier 1 capital", "Tier 2 capital"),
        ("7% senior notes", "5% senior notes"),
        ("loans over 90 days past due", "Loans under 90 days past due"),
        ("amounts due from affiliates", "Amounts due to affiliates"),
        ("US warranties", "Warranties"),
        ("IT services revenue", "Services revenue"),
        ("operating cash", "Operating cash (adjusted)"),
    ],
)
def test_numbers_and_small_words_name_rows(asked: str, printed: str) -> None:
    table = "(in millions)\n2024 2023\n{} $ 402 $ 320\n"
    assert answered(f"What was {asked} in 2024?", table.format(printed)) is None
    assert answered(f"What was {printed} in 2024?", table.format(printed)) is not None


@pytest.mark.parametrize(
    "text",
    [
        "(in millions)\nNote 2024 2023\nRent 7 402\n",
        "(in millions)\n2024 2023 2022\nRent (1) 402 320\n",
        "(in millions)\n2024 2023\nRent $ (15 $ (12\n) )\n",
        "(in millions)\n2024 2023\nRepayment of 5% notes and\nrent 402 320\n",
        "Thirteen weeks ended\n(in millions)\n2024 2023\nRent 402 320\n",
        "Quarterly financial data\n(in millions)\n2024 2023\nRent 402 320\n",
        "Parent company only (in millions)\n2024 2023\nRent 402 320\n",
        "(in millions)\nNotes due 2024 and 2023\nRent 402 320\n",
    ],
)
def test_rows_that_cannot_be_read_surely_are_left(text: str) -> None:
    assert answered("What was rent in 2024?", text) is None


def test_weeks_and_years_to_come_are_left() -> None:
    weeks = "(in millions)\nJanuary 2, 2021 December 28, 2019\nRent $ 402 $ 320\n"
    for year in (2018, 2019, 2020):
        assert answered(f"What was rent in fiscal {year}?", weeks, fiscal_year=2020) is None
    ahead = "(in millions)\n2025 2026\nAmortization $ 402 $ 320\n"
    assert answered("What was amortization in 2026?", ahead, fiscal_year=2024) is None


SEGMENTS = """(in millions)
Net Sales  Operating Profit/(Loss)
2024 2023 2024 2023
Garden $ 310 $ 290 $ 31 $ 27
Fire safety 120 150 (12) 15
"""


@pytest.mark.parametrize(
    ("question", "value", "said"),
    [
        ("What were Garden net sales in 2024?", 310e6, "“Net Sales: Garden” was $310 million"),
        ("What was Garden operating profit in 2023?", 27e6, "“Operating Profit/(Loss): Garden”"),
        ("What was the operating loss of Fire safety in 2024?", -12e6, "-$12 million"),
        ("How much did Fire safety net sales change from 2023 to 2024?", -30e6, "-$30 million"),
    ],
)
def test_the_same_years_under_several_heads_are_told_apart(
    question: str, value: float, said: str
) -> None:
    answer = answered(question, SEGMENTS)
    assert answer is not None and answer.value == value and said in answer.text
    assert answered("What was Garden in 2024?", SEGMENTS) is None
    under = SEGMENTS.replace("Garden $", "Sold at home:\nGarden $")
    answer = answered(question, under)
    assert answer is None or (said in answer.text and "::" not in answer.text)
    weeks = SEGMENTS.replace("Net Sales  Operating Profit/(Loss)", "52 weeks  53 weeks")
    assert answered("What was Garden in 2024?", weeks) is None


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What were garden third-party sales in 2024?", "“Garden: Third-party sales” was $77"),
        ("What were third-party sales in 2024?", "“Third-party sales” was $77"),
        ("What was the cost of goods sold in 2024?", "“Cost of goods sold” was $12"),
    ],
)
def test_a_title_that_the_name_was_taken_from_is_said(question: str, said: str) -> None:
    text = "Garden\n(in millions)\n2024 2023\nThird-party sales $ 77 $ 80\nCost of goods sold 12 11"
    answer = answered(question, text)
    assert answer is not None and said in answer.text
    assert answered(question, text.replace("Garden", "Equity method investees")) is None


def test_a_second_year_is_of_the_tables_title_too() -> None:
    rows = "Sales $ 3 $ 4\nCosts 2 1\nFees 2 1\nRent 1 1\nProfit 1 2\n"
    text = f"{{title}}\n(in thousands)\nPumps  Valves\n2024\n{rows}Other 1 1\n2023\n{rows}"
    question = "What were fees of valves in 2023?"
    answer = answered(question, text.format(title="Segments"))
    assert answer is not None and answer.value == 1e3
    assert answered(question, text.format(title="Pro forma results")) is None


COUNTS = """(dollars in millions)
2024 2023 2024 vs. 2023
Service $ 310 $ 290 $ 20 6.9
Equipment 120 110 10 9.1
Households reached ('000) 33,651 33,659 (8) —
Current subscriptions ('000):(1)
Postpaid 93,850 91,100 2,750 3.0
"""


def test_one_of_two_things_is_not_told_for_both() -> None:
    text = """Investments (in millions):
December 31, 2024 2023
Current assets:
Debt securities $ 30 $ 20
Non-current assets:
Equity securities 90 80
"""
    assert answered("What were the non-current equity securities in 2024?", text)
    assert (
        answered("What were the current and non-current equity securities in 2024?", text) is None
    )
    both = text.replace("Debt securities", "Current and non-current debt securities")
    assert answered("What were the current and non-current debt securities in 2024?", both)


def test_what_is_hedged_is_not_what_is_held() -> None:
    text = """The carrying amounts of hedged items in fair value hedges were (in millions):
2024 2023
Term debt $ 135 $ 182
"""
    assert answered("What was the term debt in 2024?", text) is None
    hedged = answered("What was the term debt of hedged items in 2024?", text)
    assert hedged is not None and hedged.value == 135e6


def test_a_number_of_shares_is_no_amount_a_share() -> None:
    text = """Year ended December 31, 2024 2023
Weighted average shares used in earnings per share (in thousands):
Basic earnings per share 1,300 1,200
"""
    for what in ("the average total basic earnings per share", "basic earnings per share"):
        assert answered(f"What was {what} in both 2023 and 2024?", text) is None
    shares = answered("What were the shares used in basic earnings per share in 2024?", text)
    assert shares is not None and shares.value == 1_300_000


def test_a_rates_change_in_percent_is_told_in_points_and_of_what_it_was() -> None:
    found = answered("What was the percentage change in the discount rate from 2023 to 2024?")
    assert found is not None
    assert "0.5 percentage points, which is 12.5% of what it was" in found.text


def test_what_is_counted_is_no_money() -> None:
    equipment = answered("What was equipment in 2024?", COUNTS)
    assert equipment is not None and equipment.value == 120e6
    for row in ("households reached", "postpaid"):
        counted = answered(f"What were {row} in 2024?", COUNTS)
        assert counted is None or (counted.value is None and "million" not in counted.text)


@pytest.mark.parametrize("head", ["Shares", "Number of customers"])
def test_what_is_counted_under_a_head_is_no_money(head: str) -> None:
    table = SEGMENTS.replace("Net Sales", head).replace("$ 310 $ 290", "310 290")
    answer = answered(f"What were Garden {head.lower()} in 2024?", table)
    assert answer is None or (answer.value is None and "(as printed)" in answer.text)


def test_quarterly_reports_state_no_whole_years() -> None:
    assert answered("What were the product warranties in 2024?", form="10-Q") is None
    assert answered("What were the product warranties in 2024?", form="10-K") is not None


def test_a_year_that_ends_early_goes_by_the_filers_name() -> None:
    text = NOTE.replace("December 31, 2024 2023 2022", "January 31, 2025 2024 2023")
    answer = answered("What were the product warranties in fiscal 2024?", text, fiscal_year=2024)
    assert answer is not None and answer.value == 402_000
    assert "in fiscal 2024" in answer.text
    answer = answered("What were the product warranties in fiscal 2024?", text, fiscal_year=2025)
    assert answer is not None and answer.value == 320_000
    doubtful = answered("What were the product warranties in 2024?", text, fiscal_year=2027)
    assert doubtful is None


def with_note(folder: Path, company: str, year: int, note: str) -> Path:
    """An annual report as text with one more page."""
    return with_page(write_annual(folder, company, year), note)


def test_a_store_answers_from_its_notes(tmp_path: Path, embedder_folder: Path) -> None:
    """Found, looked up and cited, without a model; for the company and the year asked."""
    other = NOTE.replace("402", "77")
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(with_note(tmp_path, "Larkspur Valve Company", 2024, NOTE))
        store.add(with_note(tmp_path, "Brightwater Foundry Inc", 2024, other))
        evidence = gather(store, "What were Larkspur Valve's product warranties in fiscal 2024?")
        assert evidence.figure is not None
        assert evidence.figure.value == 402_000
        assert evidence.figure.text.startswith("Larkspur Valve Company's “Product warranties”")
        assert evidence.figure.citations[0].quote == "Product warranties 402 320 400"
        theirs = gather(store, "Brightwater's product warranties: what were they in 2024?").figure
        assert theirs is not None and theirs.value == 77_000
        assert gather(store, "What were the product warranties in 2024?").figure is None
        assert gather(store, "What were Acme's product warranties in 2024?").figure is None
        assert gather(store, "What were Larkspur's warranties in the 10-Q for 2024?").figure is None


def test_a_row_on_a_tables_second_page_is_answered_by_the_heads_of_the_first(
    tmp_path: Path, embedder_folder: Path
) -> None:
    question = "What were Larkspur Valve's product warranties in fiscal 2023?"
    note = NOTE.replace("Product", "Sales commissions 88 77 66\n\fProduct")
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(with_note(tmp_path, "Larkspur Valve Company", 2024, note))
        figure = gather(store, question).figure
        assert figure is not None
        assert (figure.value, figure.citations[0].page) == (320_000, 6)
    titled = note.replace("\f", "\fUnaudited\n")  # who knows what this is of
    with Store.open(tmp_path / "other", Embedder(embedder_folder)) as store:
        store.add(with_note(tmp_path, "Larkspur Valve Company", 2024, titled))
        assert gather(store, question).figure is None


def test_what_the_filing_states_otherwise_elsewhere_is_left(
    tmp_path: Path, embedder_folder: Path
) -> None:
    question = "What were Larkspur's product warranties in fiscal 2024?"
    lone = with_note(tmp_path, "Larkspur Valve Company", 2024, NOTE)
    forged = tmp_path / "forged.txt"
    forged.write_text(lone.read_text(encoding="utf-8").replace("402", "999"), encoding="utf-8")
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(lone)
        assert gather(store, question).figure is not None
        store.add(forged)
        assert gather(store, question).figure is None


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_question_and_text_are_taken(question: str, text: str) -> None:
    answer = row_answer(question, [passage(NOTE + text)])
    assert answer is None or answer.text


@pytest.mark.parametrize("item", ["interest income", "operating income", "operating profit"])
def test_an_expense_in_statements_of_income_is_no_income(item: str) -> None:
    text = """CONSOLIDATED STATEMENTS OF INCOME AND PROFIT
(in millions)
Year ended December 31, 2024 2023
Operating expenses 500 400
Interest expense 30 40
"""
    assert answered(f"What was {item} in 2024?", text) is None
    told = answered(f"What was {item.split()[0]} expense in 2024?", text)
    assert told is not None
