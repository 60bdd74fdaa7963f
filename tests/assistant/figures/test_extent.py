"""A part of what is asked is told by its own name or not at all, what was paid as an amount. All
companies are made up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.evidence import gather
from assistant.figures.outflows import are_paid
from index.embed import Embedder
from index.store import Store
from tests.assistant.figures.conftest import with_page, write_annual
from tests.assistant.figures.test_figures import asked
from tests.assistant.figures.test_tagged import store_of

NOTE = """NOTE 9. TAXES AND OTHER BALANCES
(in millions)
December 31, 2024 2023
Deferred tax liabilities:
Equipment $ 85 $ 80
Operating lease liabilities 12 11
Total deferred tax liabilities $ 97 $ 91
\fNOTE 10. DEBT
(in millions)
December 31, 2024 2023
Long-term debt $ 540 $ 580
Total long-term debt $ 540 $ 580
\fNOTE 11. PROPERTY OF THE FOUNDRY
(in millions)
December 31, 2024 2023
Furnaces $ 300 $ 290
Less accumulated depreciation (130) (120)
Furnaces, net $ 170 $ 170
\fNOTE 12. SUPPLEMENTAL INFORMATION
(in millions)
Year ended December 31, 2024 2023 2022
Cash paid for income taxes, net of refunds $ 58 $ 47 $ 31
Interest paid 33 35 36
"""
ROWS = {
    "Accounts payable 210 190": "Accounts payable 210 190\nDeferred revenue 30 25\n"
    "Operating lease liabilities 14 13",
    "Long-term debt 500 550": "Long-term debt 500 550\nDeferred income taxes 40 38\n"
    "Long-term deferred revenue 12 10\nOperating lease liabilities 60 50",
    "Depreciation and amortization 60 55 50": "Depreciation and amortization 60 55 50\n"
    "Deferred revenue 7 5 4",
    "Dividends paid (50) (48) (45)": "Dividends paid (50) (48) (45)\n"
    "Payments to retiring partners (7) (6) (5)\nPurchases of rights, net (4) 3 (2)",
}


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("noted")
    path = with_page(write_annual(folder, "Larkspur Valve Company", 2024), NOTE)
    text = path.read_text(encoding="utf-8")
    for row, rows in ROWS.items():
        text = text.replace(row, rows)
    path.write_text(text, encoding="utf-8")
    with Store.open(folder / "store", Embedder(embedder_folder)) as store:
        store.add(path)
        yield store


@pytest.mark.parametrize(
    ("item", "value", "said"),
    [
        ("deferred revenue", 30e6, "current deferred revenue"),
        ("noncurrent deferred revenue", 12e6, "noncurrent deferred revenue"),
        ("total deferred revenue", 42e6, "total deferred revenue"),
        ("total operating lease liabilities", 74e6, "total operating lease liabilities"),
        ("deferred tax liabilities", 40e6, "balance-sheet deferred tax liabilities"),
        ("long-term debt", 500e6, "long-term debt"),
    ],
)
def test_a_part_goes_by_its_own_name(noted: Store, item: str, value: float, said: str) -> None:
    found = asked(noted, f"What was Larkspur's {item} at the end of 2024?")
    assert found and found.value == value and f"Larkspur Valve Company's {said} " in found.text


def test_a_change_of_that_name_is_no_such_part(noted: Store) -> None:
    question = "What was Larkspur's deferred revenue in 2024 in its statement of cash flows?"
    found = asked(noted, question)
    assert found and found.value == 7e6 and "Company's deferred revenue in" in found.text


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("total deferred tax liabilities", 97e6),
        ("gross deferred tax liabilities", None),
        ("total long-term debt", 540e6),
        ("accumulated depreciation", None),
    ],
)
def test_what_a_note_prints_by_that_name_is_not_the_statements(
    noted: Store, item: str, value: float | None
) -> None:
    question = f"What was Larkspur's {item} at the end of 2024?"
    assert asked(noted, question) is None
    figure = gather(noted, question).figure  # the row as printed, in quotation marks
    assert (figure.value if figure else None) == value
    assert figure is None or "“" in figure.text


def test_a_balance_is_not_the_tax_on_it(noted: Store) -> None:
    for item, value in (("equipment", None), ("deferred tax liabilities of equipment", 85e6)):
        figure = gather(noted, f"What were Larkspur's {item} at the end of 2024?").figure
        assert (figure.value if figure else None) == value


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([("Deferred revenue", "ContractWithCustomerLiabilityCurrent", "30")], None),
        (
            [
                ("Deferred revenue", "ContractWithCustomerLiabilityCurrent", "30"),
                ("Deferred revenue", "ContractWithCustomerLiabilityNoncurrent", "12"),
            ],
            42e6,
        ),
    ],
)
def test_the_current_part_alone_is_no_total(
    rows: list[tuple[str, str, str]], value: float | None, tmp_path: Path, embedder_folder: Path
) -> None:
    with store_of(tmp_path, embedder_folder, balance=rows) as store:
        found = asked(store, "What was Larkspur's total deferred revenue at the end of 2024?")
        assert (found.value if found else None) == value


def test_a_row_says_that_it_is_the_noncurrent_part(tmp_path: Path, embedder_folder: Path) -> None:
    rows = [
        ("Marsh rights", "MarshRightsNoncurrent", "12"),
        ("Long-term moor rights", "MoorRightsNoncurrent", "13"),
    ]
    with store_of(tmp_path, embedder_folder, balance=rows) as store:
        for name, part in (("marsh rights", True), ("long-term moor rights", False)):
            found = asked(store, f"What were Larkspur's {name} at the end of 2024?")
            assert found and ("That is the noncurrent part." in found.text) == part


def test_a_sum_that_a_note_contradicts_is_not_told(tmp_path: Path, embedder_folder: Path) -> None:
    rows = [
        ("Deferred revenue", "ContractWithCustomerLiabilityCurrent", "30"),
        ("Deferred revenue", "ContractWithCustomerLiabilityNoncurrent", "12"),
    ]
    for number, total in enumerate(("42", "55")):
        note = [("Total deferred revenue", "OtherLiabilities", total)]
        folder = tmp_path / str(number)
        folder.mkdir()
        with store_of(folder, embedder_folder, balance=rows, note=note) as store:
            found = asked(store, "What was Larkspur's total deferred revenue at the end of 2024?")
            assert (found is not None) == (total == "42")


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What were Larkspur's total cash taxes in 2024?", 58e6),
        ("What was Larkspur's cash paid for taxes in 2023?", 47e6),
        ("How much income tax did Larkspur pay in 2024?", 58e6),
        ("How much did Larkspur pay in taxes in 2022?", 31e6),
        ("What were Larkspur's cash tax payments in 2024?", 58e6),
        ("What was Larkspur's cash interest paid in 2024?", 33e6),
        ("What was Larkspur's income tax expense in 2024?", 70e6),
    ],
)
def test_taxes_paid_may_stand_in_a_note(noted: Store, question: str, value: float) -> None:
    found = asked(noted, question)
    assert found and found.value == value


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("How much did Larkspur spend on payments to retiring partners in 2024?", 7e6),
        ("What were Larkspur's payments to retiring partners in 2023?", 6e6),
        ("By how much did Larkspur's payments to retiring partners change from 2023 to 2024?", 1e6),
        ("What were Larkspur's dividends paid in 2024?", 50e6),
        ("What were Larkspur's purchases of rights, net in 2024?", -4e6),
        ("What was Larkspur's investing cash flow in 2024?", -80e6),
    ],
)
def test_what_was_paid_is_an_amount(noted: Store, question: str, value: float) -> None:
    found = asked(noted, question)
    assert found and found.value == value
    assert ("-$" in found.text) == (value < 0)


@pytest.mark.parametrize(
    ("label", "amounts", "paid"),
    [
        ("Repayments of borrowings", (-3, -2), True),
        ("Common stock repurchased", (-3, 0), True),
        ("Acquisitions, net of cash acquired", (-3, -1), True),
        ("Acquisitions, net of cash acquired", (-3, 1), False),
        ("Purchases and sales of securities", (-3, -1), False),
        ("Proceeds from (payments for) swaps", (-3, -1), False),
        ("Contributions from partners", (-3,), False),
        ("Additional paid-in capital", (-3,), False),
        ("Net cash used in investing activities", (-3,), False),
        ("Net loss", (-3,), False),
        ("Payments for royalties", (3,), False),
        ("Payments for royalties", (0,), False),
    ],
)
def test_payments_are_told_from_their_labels(
    label: str, amounts: tuple[int, ...], paid: bool
) -> None:
    assert are_paid(label, map(Decimal, amounts)) is paid


@pytest.mark.parametrize(
    ("question", "percent"),
    [
        ("What share of Larkspur's net sales was cost of sales in 2024?", 60.0),
        ("What percent of revenue was net income for Larkspur in 2024?", 10.0),
        ("What percentage of Larkspur's total assets in 2024 was goodwill?", 18.75),
        ("What proportion of net sales did operating income represent for Larkspur in 2024?", 15.0),
        ("What was the share of inventory in Larkspur's total assets at the end of 2024?", 15.625),
    ],
)
def test_a_share_of_a_whole_is_told_in_percent(noted: Store, question: str, percent: float) -> None:
    found = asked(noted, question)
    assert found and found.unit == "%" and found.value == pytest.approx(percent)


@pytest.mark.parametrize(
    "question",
    [
        "What share of Larkspur's net sales was foreign in 2024?",
        "What share of net sales was Larkspur's investing cash flow in 2024?",
        "What share of Larkspur's net sales in 2023 was cost of sales in 2024?",
    ],
)
def test_what_is_no_share_is_not_told(noted: Store, question: str) -> None:
    assert asked(noted, question) is None


def test_what_is_as_good_as_cash_is_every_line_of_it(tmp_path: Path, embedder_folder: Path) -> None:
    path = write_annual(tmp_path, "Larkspur Valve Company", 2024)
    text = path.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("Cash and cash equivalents"))
    lines = f"{row}\nShort-term investments 70 60\nMarketable securities 30 40"
    path.write_text(text.replace(row, lines, 1), encoding="utf-8")
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(path)
        net = asked(store, "What was Larkspur's net debt at the end of 2024?")
        bare = asked(store, "What were Larkspur's total debt less cash at the end of 2024?")
        assert net and bare and net.value and bare.value
        assert net.value == bare.value - 100e6
