"""Questions for another figure than the plain one of a name: answered so, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embed import Embedder
from index.store import Store
from tests.assistant.figures.conftest import write_annual
from tests.assistant.figures.test_figures import asked


@pytest.fixture(scope="module")
def losing(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Store]:
    """Zephyr Pump Company, which lost 80 after 50, and Larkspur Valve Company."""
    folder = tmp_path_factory.mktemp("losing")
    path = write_annual(folder, "Zephyr Pump Company", 2024)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("Net income $ 200 $ 120 $ 90", "Net loss $ (80) $ (50) $ (20)"),
        encoding="utf-8",
    )
    with Store.open(folder / "store", Embedder(embedder_folder)) as store:
        store.add(path)
        store.add(write_annual(folder, "Larkspur Valve Company", 2024))
        yield store


@pytest.mark.parametrize(
    "question",
    [
        "Did Zephyr's net loss increase in 2024?",
        "By how much did Zephyr's net loss grow in 2024?",
        "Which company had the largest net loss in 2024, Zephyr or Larkspur?",
        "Did Zephyr's cash used in investing activities increase in 2024?",
    ],
)
def test_more_of_a_loss_is_no_more_of_the_income(losing: Store, question: str) -> None:
    assert asked(losing, question) is None


def test_a_loss_is_told_as_it_is_printed(losing: Store) -> None:
    found = asked(losing, "What was Zephyr's net loss in 2024?")
    assert found and found.value == -80e6 and "“Net loss”" in found.text


@pytest.mark.parametrize(
    ("definition", "value", "said"),
    [
        ("Gross margin is defined as gross profit divided by revenue times 100.", 40.0, "40.0%"),
        ("Gross margin is defined as 100 * gross profit / revenue.", 40.0, "40.0%"),
        ("Gross margin is defined as gross profit / revenue.", 40.0, "40.0%"),
        (
            "Gross margin is defined as (gross profit / revenue) x 100. Round to two decimals.",
            40.0,
            "40.00%",
        ),
    ],
)
def test_times_a_hundred_makes_a_percentage(
    accounts: Store, definition: str, value: float, said: str
) -> None:
    found = asked(accounts, f"What was Larkspur's gross margin in 2024? {definition}")
    assert found and (found.value, found.unit) == (value, "%") and said in found.text


@pytest.mark.parametrize(
    ("question", "value", "unit", "line"),
    [
        ("What was Larkspur's profit from operations in 2024?", 300e6, "USD", None),
        ("What were Larkspur's earnings from operations in 2023?", 200e6, "USD", None),
        ("How much cash did operations generate for Larkspur in 2024?", 280e6, "USD", None),
        (
            "What was Larkspur's long-term debt as a percentage of total debt plus equity in 2024?",
            100 * 500 / 1240,
            "%",
            "500 / (500 + 40 + 700)",
        ),
        (
            "What was Larkspur's gross profit less SG&A divided by revenue in 2024?",
            15.0,
            "%",
            "(800 - 500) / 2,000",
        ),
        ("What was Larkspur's interest coverage based on EBIT in 2024?", 10.0, "x", "300 / 30"),
        (
            "What was Larkspur's quick ratio in 2024, using current assets, inventory and current "
            "liabilities?",
            1.375,
            "x",
            "(800 - 250) / 400",
        ),
        ("How much did Larkspur spend on capex in 2024?", 80e6, "USD", None),
        ("How many dollars of dividends did Larkspur pay in 2024?", 50e6, "USD", None),
        (
            "What was Larkspur's dividend coverage by free cash flow in 2024?",
            4.0,
            "x",
            "(280 - 80) / 50",
        ),
        ("What was Larkspur's average age of plant in 2024?", 6.667, "years", "400 / 60"),
        ("What was Larkspur's dividend payout ratio in 2024 as a percentage?", 25.0, "%", None),
        ("What was Larkspur's dividend payout ratio in 2024?", 0.25, "x", None),
        (
            "What was Larkspur's DSO in 2024? DSO is defined as receivables / revenue.",
            0.17,
            "x",
            "340 / 2,000",
        ),
        (
            "What was Larkspur's DSO in 2024? DSO is defined as receivables / revenue * 365.",
            62.05,
            "days",
            "340 / 2,000 * 365",
        ),
        (
            "What is the difference between current assets and current liabilities at Larkspur in "
            "2024?",
            400e6,
            "USD",
            "800 - 400",
        ),
        (
            "What was the difference between Larkspur's gross margin and operating margin in 2024?",
            25.0,
            "%",
            "800 / 2,000 - (300 / 2,000)",
        ),
        ("What was the total of cash and receivables at Larkspur in 2024?", 460e6, "USD", None),
        ("By how many percent did Larkspur's revenue grow in 2024?", 25.0, "%", None),
        ("How many USD millions of cash did Larkspur have in 2024?", 120, "USD million", None),
        ("What was Larkspur's ratio of debt to equity in 2024?", 0.771, "x", "(500 + 40) / 700"),
        (
            "What was Larkspur's ratio of operating cash flow to net income in 2024?",
            140.0,
            "%",
            "280 / 200",
        ),
        (
            "What was Larkspur's gross margin in 2024? Use the income statement (USD in millions).",
            40.0,
            "%",
            None,
        ),
        ("What current ratio did Larkspur generate in 2024?", 2.0, "x", "800 / 400"),
        ("What receivables did Larkspur use in the balance sheet of 2024?", 340e6, "USD", None),
    ],
)
def test_what_is_meant_is_calculated(
    accounts: Store, question: str, value: float, unit: str, line: str | None
) -> None:
    found = asked(accounts, question)
    assert found is not None
    assert (found.value, found.unit) == (pytest.approx(value, rel=0.001), unit)
    steps = (found.calculation or {}).get("steps", [])
    assert line is None or line in steps[0]["line"]


@pytest.mark.parametrize(
    "question",
    [
        "What was Larkspur's odd ratio in 2024? Odd ratio is defined as dividends paid / net income"
        " * 100 + capex / revenue.",
        "What was Larkspur's profit from its operations in 2024?",
        "What was Larkspur's profit as a percentage of revenue in 2024?",
        "What was Larkspur's capex divided by revenue divided by total assets in 2024?",
        "What was Larkspur's capex as a percentage of revenue and operating cash flow in 2024?",
        "What was Larkspur's inventory and receivables as a percentage of total assets in 2024?",
        "What was the total of revenue for Larkspur in 2023 and 2024?",
        # The items and the balances that it is to be made of are others.
        "What was Larkspur's interest coverage based on EBITDA in 2024?",
        "What was Larkspur's interest coverage (EBITDA) in 2024?",
        "What was Larkspur's interest coverage in 2024? Use EBITDA.",
        "What was Larkspur's quick ratio using cash, receivables and current liabilities in 2024?",
        "What was Larkspur's cash ratio using cash and current liabilities in 2024?",
        "What was Larkspur's inventory turnover using sales in 2024?",
        "What was Larkspur's ROE using ending equity in 2024?",
        "What was Larkspur's ROE (ending equity) in 2024?",
        "What was Larkspur's ROE in 2024? Use ending equity.",
        "What was Larkspur's ROE on an end-of-year basis in 2024?",
        # Paid, bought or used up: no balance, and the most of it is the lowest.
        "How much debt did Larkspur pay in 2024?",
        "How much debt did Larkspur incur in 2024?",
        "How much did Larkspur spend on debt in 2024?",
        "How much inventory did Larkspur book in 2024?",
        "How much cash did Larkspur generate in 2024?",
        "Which of operating activities, investing activities and financing activities used the "
        "most cash for Larkspur in 2024?",
        "Among operations, investing and financing activities, which spent the most cash flow for "
        "Larkspur in 2024?",
        # Of a part, of what stands on no statement, of two things under one name.
        "What were Larkspur's US net sales in 2024?",
        "what were larkspur's us net sales in 2024",
        "What was Larkspur's U.S. operating income in 2024?",
        "How much off-balance-sheet debt did Larkspur have in 2024?",
        "What were Larkspur's total equity and shareholders' equity in 2024?",
        "What share of Larkspur's revenue in 2024 was its gross margin?",
        "How many dividends did Larkspur pay in 2024?",
        "What was the number of accounts receivable of Larkspur in 2024?",
        "What was Larkspur's gross margin in dollars in 2024?",
        "What was Larkspur's gross margin in 2024 in USD millions?",
        "What was Larkspur's revenue growth in 2024 in USD millions?",
        "What was Larkspur's revenue in 2024 to the nearest ten million?",
        "What was Larkspur's revenue in 2024 in USD thousands to the nearest million?",
    ],
)
def test_what_is_meant_otherwise_is_left_to_the_model(accounts: Store, question: str) -> None:
    assert asked(accounts, question) is None


@pytest.mark.parametrize("dollars", ["US dollars", "U.S. dollars", "US$", "us dollars"])
def test_the_currency_is_no_country(accounts: Store, dollars: str) -> None:
    found = asked(accounts, f"What were Larkspur's net sales in {dollars} in 2024?")
    assert found is not None and found.value == 2000e6
    told = asked(accounts, "Tell us Larkspur's net sales in 2024.")
    assert told is not None and told.value == 2000e6


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("Did Larkspur's total debt improve in 2024?", "Larkspur"),
        ("Did Larkspur's SG&A improve in 2024?", "Larkspur"),
        ("Did Larkspur's effective tax rate improve in 2024?", "Larkspur"),
        ("Did Larkspur's effective tax rate increase in 2024?", "Yes."),
        ("Did Larkspur's revenue improve in 2024?", "Yes."),
        ("Did Larkspur's debt to equity improve in 2024?", "Yes."),
    ],
)
def test_better_is_told_only_of_what_has_a_better_way(
    accounts: Store, question: str, begins: str
) -> None:
    found = asked(accounts, question)
    assert found and found.text.startswith(begins)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("Larkspur's revenue in 2023 to the nearest million?", "$1,600 million"),
        ("Larkspur's revenue in 2023 in USD billions to the nearest million?", "$1.600 billion"),
        ("Larkspur's revenue in 2023 to the nearest billion?", "$2 billion"),
        ("Larkspur's operating margin in 2023 to the nearest percent?", "13%"),
        ("Larkspur's inventory turnover in 2024 to the nearest whole number?", "was 5."),
    ],
)
def test_rounding_to_the_nearest(accounts: Store, wanted: str, said: str) -> None:
    found = asked(accounts, f"What was {wanted}")
    assert found and said in found.text


def store_with(folder: Path, embedder: Path, *changes: tuple[str, str]) -> Store:
    """A store with the annual report of Larkspur Valve Company, with other rows."""
    path = write_annual(folder, "Larkspur Valve Company", 2024)
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert text.count(before) >= 1
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")
    store = Store.open(folder / "store", Embedder(embedder))
    store.add(path)
    return store


def test_net_income_is_the_owners_where_others_hold_some(
    tmp_path: Path, embedder_folder: Path
) -> None:
    """As margins and returns are made of it, and as tags call it."""
    others = (
        "Net income $ 200 $ 120 $ 90\nEarnings per share",
        "Consolidated net income $ 200 $ 120 $ 90\n"
        "Consolidated net income attributable to noncontrolling interest (50) (20) (10)\n"
        "Consolidated net income attributable to Larkspur $ 150 $ 100 $ 80\nEarnings per share",
    )
    with store_with(tmp_path, embedder_folder, others) as store:
        found = asked(store, "What was Larkspur's net income in 2024?")
        assert found and found.value == 150e6 and "attributable to Larkspur" in found.text
        found = asked(store, "What was Larkspur's net margin in 2024?")
        assert found and found.value == pytest.approx(7.5)
        found = asked(store, "What was Larkspur's consolidated net income in 2024?")
        assert found and found.value == 200e6


@pytest.mark.parametrize(
    ("label", "debt"),
    [("Loans and notes payable", 570e6), ("Borrowings from the owners' families", None)],
)
def test_debt_is_told_only_where_all_its_lines_are_known(
    label: str, debt: float | None, tmp_path: Path, embedder_folder: Path
) -> None:
    line = (
        "Current portion of long-term debt",
        f"{label} 30 20\nCurrent portion of long-term debt",
    )
    with store_with(tmp_path, embedder_folder, line) as store:
        found = asked(store, "What was Larkspur's total debt in 2024?")
        assert (found.value if found else None) == debt


@pytest.mark.parametrize(
    "thing",
    ["financial assets", "data revenue", "equity income", "goodwill loss", "inventory loss",
     "investment in inventory", "revenue and investment income", "income assets"],
)  # fmt: skip
def test_a_name_within_another_is_not_what_is_asked_for(accounts: Store, thing: str) -> None:
    assert asked(accounts, f"What was Larkspur's {thing} in 2024?") is None
