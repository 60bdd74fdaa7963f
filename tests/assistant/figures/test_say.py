"""What an answer says besides the number: which way it went, and which rows it was made of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.evidence import gather
from index.store import Store
from tests.assistant.figures.conftest import write_annual
from tests.hardening.plain_embedder import PlainEmbedder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("say")
    path = write_annual(folder, "Larkspur Valve Company", 2024)
    text = path.read_text(encoding="utf-8")
    text = text.replace("Accounts payable 210", "Accounts payable and accrued liabilities 210")
    path.write_text(text, encoding="utf-8")
    with Store.open(folder / "store", PlainEmbedder()) as opened:
        opened.add(path)
        yield opened


def said(store: Store, question: str) -> str:
    figure = gather(store, question).figure
    assert figure is not None
    return figure.text


@pytest.mark.parametrize(
    ("question", "contrary"),
    [
        ("How much cash was used in operating activities in fiscal 2024?", "provided, not used."),
        ("How much cash did Larkspur use in operations in 2024?", "cash provided, not used."),
        ("How much cash was provided by investing activities in 2024?", "cash used, not provided."),
        ("What was Larkspur's net loss in fiscal 2024?", "That is a profit, not a loss."),
        ("What was the operating loss in fiscal 2024?", "a profit, not a loss."),
        ("What was the net loss in 2023 and 2024?", "In fiscal 2023 it is a profit, not a loss."),
    ],
)
def test_what_went_the_other_way_is_not_called_as_asked(
    store: Store, question: str, contrary: str
) -> None:
    assert contrary in said(store, question)


@pytest.mark.parametrize(
    "question",
    [
        "How much cash was used in investing activities in fiscal 2024?",
        "What was net cash provided by operating activities in fiscal 2024?",
        "What was net profit in fiscal 2024?",
        "What was net income in fiscal 2024? Answer by the data provided in the filing.",
        "What was investing cash flow in fiscal 2024?",
        "What was net income (loss) in fiscal 2024?",
    ],
)
def test_what_went_as_asked_is_only_told(store: Store, question: str) -> None:
    assert ", not " not in said(store, question)


def test_a_row_of_another_name_stands_beside_the_input(store: Store) -> None:
    figure = gather(store, "What was Larkspur's days payable outstanding in fiscal 2024?").figure
    assert figure is not None and figure.calculation is not None
    (step,) = figure.calculation["steps"]
    row = "accounts payable (“Accounts payable and accrued liabilities”) / cost of goods sold ="
    assert row in step["line"]
    assert step["line"].count("“") == 1


def test_a_row_of_the_inputs_own_name_is_not_named_again(store: Store) -> None:
    figure = gather(store, "What was Larkspur's gross margin in fiscal 2024?").figure
    assert figure is not None and figure.calculation is not None
    (step,) = figure.calculation["steps"]
    assert "“" not in step["line"]
