"""An amount is told with the sign that the name it is told under stands for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answer import FigureAnswer
from assistant.evidence import gather
from index.embed import Embedder
from index.store import Store
from tests.assistant.figures.conftest import COVER
from tests.assistant.figures.test_row_answer import answered

# Costs are positive: what raised profit stands in brackets among them.
KILN = """Marlowe Kiln Company
CONSOLIDATED STATEMENTS OF EARNINGS
(in millions)
Year ended December 31, 2024 2023
Net sales $ 2,000 $ 1,900
Cost of sales 1,200 1,150
Selling, general and administrative expenses 500 480
Gain on sale of the brickworks (60) (20)
Total operating expenses 1,640 1,610
Operating income 360 290
Pension non-service income (25) (22)
Interest, net 45 38
Other expense/(income) (15) (12)
Earnings before income taxes 355 286
Provision for income taxes 90 70
Earnings from joint ventures 12 9
Net earnings 277 225
Net earnings attributable to noncontrolling interests (7) (5)
Net earnings attributable to Marlowe Kiln Company $ 270 $ 220
"""
KILN_FLOW = """Marlowe Kiln Company
CONSOLIDATED STATEMENTS OF CASH FLOWS
(in millions)
Year ended December 31, 2024 2023
Operating activities
Net earnings $ 277 $ 225
Depreciation and amortization 60 55
Earnings from joint ventures (12) (9)
Gain on sale of a patent (31) (30)
Net cash provided by operating activities 294 241
Investing activities
Purchases of property, plant and equipment (80) (64)
Purchases of clay pits (9) (8)
Net cash used in investing activities (89) (72)
Financing activities
Dividends paid (50) (48)
Net repayments of notes (bank) (11) (21)
Net borrowings (repayments) of lines of credit (40) (30)
Net cash used in financing activities (101) (99)
Net increase in cash and cash equivalents $ 104 $ 70
"""
# Costs are in brackets: what stands there lowered profit, whatever it is called.
LOOM = """Tansy Loom Company
CONSOLIDATED STATEMENTS OF EARNINGS
(in millions)
Year ended December 31, 2024 2023
Net sales $ 900 $ 800
Cost of sales (500) (450)
Gross profit 400 350
Selling, general and administrative expenses (250) (230)
Operating income 150 120
Royalty income (30) 14
Loss on sale of a mill (19) (8)
Earnings before income taxes 101 126
Provision for income taxes (25) (30)
Net earnings $ 76 $ 96
"""
# Nothing adds up to what the row stands beside.
SHED = (
    LOOM.replace("Tansy Loom", "Ferrow Shed")
    .replace("101 126", "333 222")
    .replace("Loss on sale of a mill (19)", "Interest income (6)")
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("signs")
    with Store.open(folder / "store", Embedder(embedder_folder)) as made:
        for pages in ((KILN, KILN_FLOW), (LOOM,), (SHED,)):
            company = pages[0].splitlines()[0]
            cover = COVER.format(
                form="10-K",
                report="ANNUAL",
                period="fiscal year",
                end="December 31, 2024",
                company=company,
            )
            path = folder / f"{company.split()[0].lower()}-2024.txt"
            path.write_text("\f".join([cover, *pages]), encoding="utf-8")
            made.add(path)
        yield made


def told(store: Store, question: str) -> FigureAnswer | None:
    return gather(store, question).figure


@pytest.mark.parametrize(
    ("question", "value"),
    [
        # What the statement's own sums say was added to profit, in a total of costs and after it.
        ("What was Marlowe's gain on sale of the brickworks in 2024?", 60),
        ("What was Marlowe's pension non-service income in 2024?", 25),
        # The statement of cash flows takes it back, the income statement prints it as it is.
        ("What were Marlowe's earnings from joint ventures in 2024?", 12),
        ("What was Marlowe's gain on sale of a patent in 2023?", 30),
        # No name says which way it went, or it says both: as printed.
        ("What was Marlowe's interest, net in 2024?", 45),
        ("What was Marlowe's other expense/(income) in 2024?", -15),
        ("What were Marlowe's net borrowings (repayments) of lines of credit in 2024?", -40),
        # What others have of the profit is subtracted, and is a profit.
        ("What were Marlowe's net earnings attributable to noncontrolling interests in 2024?", 7),
        # Payments.
        ("What were Marlowe's purchases of clay pits in 2024?", 9),
        ("What were Marlowe's net repayments of notes in 2024?", 11),
        # Added up, with costs in brackets.
        ("What was Tansy's royalty income in 2024?", -30),
        ("What was Tansy's royalty income in 2023?", 14),
        ("What was Tansy's loss on sale of a mill in 2024?", 19),
        # Nobody earns less than nothing.
        ("What was Ferrow's interest income in 2024?", 6),
    ],
)
def test_a_row_has_the_sign_of_its_name(store: Store, question: str, value: int) -> None:
    figure = told(store, question)
    assert figure is not None
    assert figure.value == value * 10**6
    assert ("-$" in figure.text) == (value < 0)


def test_a_change_goes_the_way_that_the_name_means(store: Store) -> None:
    figure = told(store, "By how much did Marlowe's interest, net change from 2023 to 2024?")
    assert figure is not None
    assert "rose by $7 million" in figure.text
    assert "$38 million" in figure.text
    assert "-$" not in figure.text


def test_a_calculation_keeps_the_taxonomys_signs(store: Store) -> None:
    figure = told(store, "What was Marlowe's effective tax rate in 2024?")
    assert figure is not None
    assert figure.value == pytest.approx(90 / 355 * 100, abs=0.01)


def test_a_gain_in_brackets_that_nothing_explains_is_not_told(store: Store) -> None:
    assert told(store, "What was Ferrow's royalty income in 2024?") is None
    figure = told(store, "What was Ferrow's royalty income in 2023?")
    assert figure is not None
    assert figure.value == 14e6


NOTE = """NOTE 9. OTHER INCOME, NET
(in millions)
Year Ended December 31, 2024 2023
Interest expense (45) (38)
Rental income 12 11
Royalty income (7) (6)
Amortization of service cost (5) (4)
Foreign currency gains (losses), net (3) 2
Total $ (48) $ (35)
"""


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What was the interest expense in 2024?", 45),
        ("What was the rental income in 2024?", 12),
        ("What was the royalty income in 2024?", None),
        ("In which year was royalty income the highest?", None),
        ("What was the amortization of service cost in 2024?", -5),
        ("What were the foreign currency gains (losses), net in 2024?", -3),
    ],
)
def test_a_row_of_a_note_where_its_name_leaves_no_doubt(question: str, value: int | None) -> None:
    figure = answered(question, NOTE)
    assert (figure and figure.value) == (value and value * 10**6)


def test_interest_expense_in_brackets_rose_where_there_is_more_of_it() -> None:
    figure = answered("What was the change in interest expense from 2023 to 2024?", NOTE)
    assert figure is not None
    assert figure.value == 7e6
