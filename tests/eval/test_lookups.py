"""Questions made from facts: answers known exactly, told from each other, refused where asked."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from eval.answers import gold_evidence
from eval.errors import EvaluationError
from eval.grade import grade
from eval.lookups import excerpt, make_questions, write_questions
from eval.questions import Question, read_questions
from index.embed import Embedder
from index.store import Store


@pytest.fixture(scope="module")
def made(sample_store: Store, tmp_path_factory: pytest.TempPathFactory) -> list[Question]:
    path = tmp_path_factory.mktemp("made") / "questions.jsonl"
    write_questions(make_questions(sample_store, 10_000, 25), path)
    return read_questions(path)


def test_there_are_many_in_many_wordings(made: list[Question]) -> None:
    answerable = [question for question in made if question.answerable]
    assert len(answerable) > 300
    assert len({question.question for question in answerable}) == len(answerable)
    assert {question.type for question in answerable} == {"balance", "income", "cash_flow"}
    openings = {re.split(r"[’' ]", question.question)[0] for question in answerable}
    assert openings >= {"What", "How", "State", "According"}


def test_the_gold_passage_prints_the_answer(made: list[Question], sample_store: Store) -> None:
    names = {document.name: document.id for document in sample_store.documents()}
    for question in (q for q in made if q.answerable):
        ((page, passage),) = question.gold_pages
        digits = question.answer.split()[1]
        assert digits in passage, question.question
        text = sample_store.page_text(names[str(question.doc)], page)
        assert digits in text
        asked = re.findall(r"20\d\d", question.question)
        assert asked and all(year in passage for year in asked), question.question


def test_passages_are_short_and_shared(made: list[Question]) -> None:
    answerable = [question for question in made if question.answerable]
    passages = [question.gold_pages[0][1] for question in answerable]
    assert max(len(passage.splitlines()) for passage in passages) < 30
    assert len(set(passages)) < len(passages) / 3
    runs = 1 + sum(one != other for one, other in pairwise(passages[:100]))
    assert runs < 40  # those about one passage stand together


TABLE = """Company - Statements of Income
(in millions)
Year ended December 31,
2023 2022
Revenue:
""" + "\n".join(f"Line {chr(97 + n)} {100 + n} {90 + n}" for n in range(20))


@pytest.mark.parametrize(("line", "first", "last"), [(5, "a", "h"), (12, "a", "h"), (24, "q", "t")])
def test_a_row_is_shown_under_its_headers_among_a_few(line: int, first: str, last: str) -> None:
    shown = excerpt(TABLE, line).splitlines()
    assert shown[:5] == TABLE.splitlines()[:5]
    assert shown[5].startswith(f"Line {first} ") and shown[-1].startswith(f"Line {last} ")
    assert TABLE.splitlines()[line] in shown


def test_the_rows_of_another_table_above_are_left_out() -> None:
    two = TABLE + "\nBalance sheet\nDecember 31,\n2021 2020\nCash 7 6\nDebt 5 4"
    shown = excerpt(two, len(two.splitlines()) - 1)
    assert shown.endswith("2021 2020\nCash 7 6\nDebt 5 4")
    assert "2022" not in shown and "Line a" not in shown


def test_a_text_without_column_headers_is_shown_whole() -> None:
    assert excerpt("Cash was 7 in all.\nDebt 5", 1) == "Cash was 7 in all.\nDebt 5"


def test_one_row_and_year_has_one_answer(made: list[Question]) -> None:
    """No two questions differ in their answers alone."""
    answers: dict[str, str] = {}
    for question in made:
        key = f"{question.doc} {question.question}"
        assert answers.setdefault(key, question.answer) == question.answer


def test_opening_balances_are_not_asked_as_a_years_end(made: list[Question]) -> None:
    texts = [question.question.lower() for question in made]
    assert any("cash equivalents at end of year" in text for text in texts)
    assert not any("beginning of year" in text for text in texts)


def test_amounts_printed_in_parentheses_are_not_asked_as_positive(made: list[Question]) -> None:
    """Inline XBRL tags what stands between the parentheses, as a positive amount."""
    cash_flows = [q for q in made if q.type == "cash_flow" and str(q.doc).startswith("TANSY")]
    assert len(cash_flows) > 10
    assert not any("repayments of borrowings" in q.question.lower() for q in cash_flows)
    for question in cash_flows:
        digits = re.escape(question.answer.split()[1])
        assert not re.search(rf"\(\s*{digits}\b", question.gold_pages[0][1]), question.question


def test_the_grader_takes_the_answer_and_no_neighbour(made: list[Question]) -> None:
    answerable = [question for question in made if question.answerable]
    for question in answerable:
        assert grade(question, f"It was {question.answer}.", False) == "correct"
        assert question.value is not None
        other = f"{question.answer.split()[0]} {question.value * 1.37 + 3:,.2f}"
        rest = " ".join(question.answer.split()[2:])
        assert grade(question, f"It was {other} {rest}.", False) == "wrong", question.question


def test_unanswerable_ones_ask_for_what_no_filing_states(
    made: list[Question], sample_store: Store
) -> None:
    from assistant.evidence import gather

    asked = [question for question in made if not question.answerable]
    years = [question for question in asked if question.type == "unanswerable: year"]
    companies = [question for question in asked if question.type == "unanswerable: company"]
    assert len({question.question for question in asked}) == len(years) + len(companies) == 25
    assert abs(len(years) - len(companies)) == 1
    for question in asked[:8]:
        assert gather(sample_store, question.question).missing, question.question
        assert grade(question, "Not in the filings.", True) == "correct"
        assert not question.right_docs
    for question in years:
        assert str(question.fiscal_year) not in question.gold_pages[0][1]
        shown = gold_evidence(question, sample_store)  # the row in other years
        assert shown and shown.passages[0].doc == question.docs[0]
    names = {document.company for document in sample_store.documents()}
    for question in companies:
        assert question.company not in names and str(question.company) in question.question
        assert gold_evidence(question, sample_store) is None


def test_a_seed_decides_which_are_taken(sample_store: Store) -> None:
    one, same, other = (make_questions(sample_store, 20, seed=seed) for seed in (1, 1, 2))
    assert one == same != other
    assert len(one) == 20


def test_a_store_without_statements_is_named(tmp_path: Path, embedder_folder: Path) -> None:
    (tmp_path / "a.txt").write_text("A letter without figures.\n")
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(tmp_path / "a.txt")
        with pytest.raises(EvaluationError, match="no statements with facts"):
            make_questions(store, 5)


def test_where_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot write"):
        write_questions([], tmp_path / "no" / "such" / "folder.jsonl")
