from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.rows import labelled
from eval.answers import gold_evidence
from eval.errors import EvaluationError
from eval.figures import asks_change
from eval.grade import Grade, grade, kind
from eval.published import table_lines
from eval.questions import Question, read_questions
from eval.stages import failed_stage

PIECE = {
    "evidence_text": "Net sales 410",
    "doc_name": "BOREAL_2021_10K",
    "evidence_page_num": 0,
    "evidence_text_full_page": "Boreal Lamps\nNet sales 410 385",
}
FINANCEBENCH = {
    "financebench_id": "financebench_id_90001",
    "company": "Boreal Lamps",
    "doc_name": "BOREAL_2021_10K",
    "question_type": "metrics-generated",
    "question_reasoning": "Information extraction",
    "question": "What were net sales in FY2021 (in USD millions)?",
    "answer": "$410.00",
    "justification": "",
    "evidence": [PIECE],
}
TABLE = [
    ["", "", "Years ended June 30,", ""],
    ["", "2021", "2020", "2019"],
    ["Lamps", "$  410.5", "$385.0", "$ 301.2"],
    ["Repairs", "", "12.0", "9.5"],
    ["Loss on leases", "(4.1)", "(3.0)", "—"],
    ["Segments:", "", "", ""],
]


def asked(uid: str, question: str, answer: object, answer_type: str, scale: str = "") -> Any:
    return {
        "uid": uid,
        "order": 1,
        "question": question,
        "answer": answer,
        "derivation": "",
        "answer_type": answer_type,
        "answer_from": "table",
        "rel_paragraphs": [],
        "req_comparison": False,
        "scale": scale,
    }


TATQA = {
    "table": {"uid": "table-1", "table": TABLE},
    "paragraphs": [
        {"uid": "p2", "order": 2, "text": "Repairs began in 2019."},
        {"uid": "p1", "order": 1, "text": "Sales are in millions."},
    ],
    "questions": [
        asked("q1", "What were lamp sales in 2021?", ["$410.5"], "span", "million"),
        asked("q2", "What is the change in lamp sales in 2020 from 2021?", -25.5, "arithmetic"),
        asked("q3", "By what percentage did it change?", -6.21, "arithmetic", "percent"),
        asked("q4", "What were repairs in 2020, 2019?", ["12.0", "9.5"], "multi-span", "million"),
        asked("q5", "How many segments are there?", "3", "count"),
        asked("q6", "In which year was the growth rate the highest?", ["2020"], "span"),
        asked("q7", "What did the lease cost?", ["$36.5 million"], "span"),
        asked("q8", "What are the products?", ["desk lamps", "lanterns", ""], "multi-span"),
    ],
}
FINQA = {
    "id": "BRL/2021/page_7.pdf-2",
    "filename": "BRL/2021/page_7.pdf",
    "pre_text": ["boreal lamps makes lamps .", "sales by product ( in millions ) :"],
    "post_text": ["repairs began in 2019 ."],
    "table_ori": [["", "2021", "2020"], ["Lamps", "$410.5", "$385.0"]],
    "table": [["", "2021", "2020"], ["lamps", "$ 410.5", "$ 385.0"]],
    "qa": {
        "question": "what is the growth rate of lamp sales in 2021?",
        "answer": "6.6%",
        "program": "subtract(410.5, 385.0), divide(#0, 385.0)",
        "exe_ans": 0.06623,
    },
}
PAGE = {name: FINQA[name] for name in ("filename", "pre_text", "post_text", "table_ori", "table")}
DIALOGUE = {
    "dialogue_break": [
        "what were lamp sales in 2021?",
        "and in 2020?",
        "what percentage is the change of the latter?",
        "did they rise?",
    ],
    "turn_program": [
        "410.5",
        "385.0",
        "subtract(410.5, 385.0), divide(#0, 385.0)",
        "greater(410.5, 385.0)",
    ],
    "exe_ans_list": [410.5, 385.0, 0.06623, "yes"],
}
CONVERSATION = {**PAGE, "id": "Single_BRL/2021/page_7.pdf-2", "annotation": DIALOGUE}
TURN = {
    **PAGE,
    "id": "Single_BRL/2021/page_7.pdf-2_2",
    "annotation": {
        **DIALOGUE,
        "cur_dial": DIALOGUE["dialogue_break"][:3],
        "cur_program": DIALOGUE["turn_program"][2],
        "exe_ans": 0.06623,
        "turn_ind": 2,
    },
}
ROWS = [
    ["How have Boreal's sales changed?", "*BRL*", "Multi-Doc RAG", "Table"],
    ["What were sales in Q1?", "2021 Q1 BRL.pdf, 2021 Q2 BRL.pdf", "Single-Doc RAG", "Text"],
]
ANSWERS = [
    "They rose from $90 million to $99 million. (SOURCE: 2021 Q1 BRL.pdf)\n\nSOURCE(S): Q1 BRL",
    "$90 million",
]


def kg_rag(rows: list[list[str]], answers: list[str] | None = ANSWERS) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    head = ["Question", "Source Docs", "Question Type", "Source Chunk Type"]
    writer.writerow(head if answers is None else [*head, "Answer"])
    for n, row in enumerate(rows):
        writer.writerow(row if answers is None else [*row, answers[n]])
    return out.getvalue()


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str | bytes], list[Question]]:
    """The name tells nothing: every format is read from the same one."""

    def reading(content: str | bytes) -> list[Question]:
        file = tmp_path / "questions.txt"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_questions(file)

    return reading


Read = Callable[[str | bytes], list[Question]]


def test_financebench_pages_start_at_one(read: Read) -> None:
    (question,) = read(lines(FINANCEBENCH))
    assert question.id == "financebench_id_90001" and question.answer == "$410.00"
    assert (question.doc, question.pages) == ("BOREAL_2021_10K", (1,))
    assert question.gold_pages == ((1, "Boreal Lamps\nNet sales 410 385"),)
    assert (question.type, question.company) == ("metrics-generated", "Boreal Lamps")
    assert question.fiscal_year == 2021
    assert grade(question, "$410 million") == "correct"
    assert grade(question, "$385 million") == "wrong"


def test_financebench_evidence_of_several_pages_and_documents(read: Read) -> None:
    short = {"evidence_text": "Cost of sales 200", "evidence_page_num": 4}
    other = {**PIECE, "doc_name": "BOREAL_2020_10K", "evidence_page_num": 9}
    evidence = [PIECE, PIECE, short, other]
    (question,) = read(lines({**FINANCEBENCH, "evidence": evidence, "doc_period": 2022}))
    assert dict(question.gold_pages) == {
        1: PIECE["evidence_text_full_page"],
        5: "Cost of sales 200",
    }
    assert question.right_docs == {"BOREAL_2021_10K", "BOREAL_2020_10K"}
    assert question.right_pages == {
        ("BOREAL_2021_10K", 1),
        ("BOREAL_2021_10K", 5),
        ("BOREAL_2020_10K", 10),
    }
    assert question.fiscal_year == 2022


def test_tatqa_table_and_paragraphs_are_the_page(read: Read) -> None:
    questions = read(json.dumps([TATQA]))
    assert [question.id for question in questions] == [f"q{n}" for n in range(1, 9)]
    assert {question.type for question in questions} == {
        *("span", "multi-span", "arithmetic", "count")
    }
    question = questions[0]
    assert (question.doc, question.pages) == ("table-1", (1,))
    ((_, text),) = question.gold_pages
    assert text.endswith("\n\nSales are in millions.\nRepairs began in 2019.")
    shown = labelled(text).splitlines()
    assert "Lamps: 2021 = $410.5; 2020 = $385.0; 2019 = $301.2" in shown
    assert "Loss on leases: 2021 = (4.1); 2020 = (3.0); 2019 = —" in shown
    assert "Repairs: 2021 = —; 2020 = 12.0; 2019 = 9.5" in shown, "an empty cell shifts no other"
    evidence = gold_evidence(question, None)
    assert evidence is not None and evidence.passages[0].text == text


def test_only_cells_under_years_are_filled() -> None:
    cells = [["", "2021", "", "2020", "Note"], ["Rent", "5", "", "", ""], ["Fees", "", "", "", ""]]
    assert table_lines(cells) == ["2021  2020  Note", "Rent  5  —", "Fees"]


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("q1", "$410.5 million", "$410.5 thousand"),
        ("q1", "410.5", "$301.2 million"),
        ("q1", "It was $0.4105 billion.", "It was $410.5 billion."),
        ("q2", "It decreased by 25.5.", "It increased by 25.5."),
        ("q2", "-25.5", "25.5"),
        ("q3", "It fell by 6.21%.", "It rose by 6.21%."),
        ("q3", "-6.2%", "-62.1%"),
        ("q4", "$12.0 million and $9.5 million", "$12.0 billion and $9.5 billion"),
        ("q4", "They were 12.0 and 9.5 (in millions).", "They were 12.0 and 8.5 million."),
        ("q5", "There are three segments.", "There are two segments."),
        ("q5", "3", "4"),
        ("q6", "It was the highest in 2020.", "It was the highest in 2019."),
        ("q7", "$36.5 million", "$36.5 billion"),
        ("q8", "It sells lanterns and desk lamps.", "It sells desk lamps."),
    ],
)
def test_tatqa_gold_has_its_scale(read: Read, name: str, right: str, wrong: str) -> None:
    question = next(q for q in read(json.dumps([TATQA])) if q.id == name)
    assert grade(question, question.answer) == "correct"
    assert grade(question, right) == "correct"
    assert grade(question, wrong) == "wrong"


def test_finqa_percentages_are_published_as_fractions(read: Read) -> None:
    (question,) = read(json.dumps([FINQA]))
    assert (question.id, question.doc, question.pages) == (FINQA["id"], "BRL/2021/page_7", (1,))
    assert (question.answer, question.value, question.unit) == ("6.6%", 6.623, "%")
    assert (question.company, question.fiscal_year) == ("BRL", 2021)
    ((_, text),) = question.gold_pages
    assert "Lamps: 2021 = $410.5; 2020 = $385.0" in labelled(text).splitlines()
    assert text.startswith("boreal lamps makes") and text.endswith("began in 2019 .")
    for said in ("6.6%", "It grew by 6.62%.", "0.0662"):
        assert grade(question, said) == "correct", said
    for said in ("7.1%", "66.2%", "6.6 million", "-6.6%"):
        assert grade(question, said) == "wrong", said


@pytest.mark.parametrize(
    ("qa", "value", "right", "wrong"),
    [
        ({"answer": "795.5", "exe_ans": 795.5}, 795.5, "$795.5 million", "$795.5 thousand"),
        ({"answer": "", "exe_ans": 795.5}, 795.5, "$795.5 million", "$700 million"),
        ({"answer": "-25.5", "exe_ans": -25.5}, -25.5, "a decrease of 25.5", "a rise of 25.5"),
        ({"answer": "6.62", "exe_ans": 0.0662}, 6.62, "6.62%", "0.662%"),
        ({"answer": "0.6%", "exe_ans": 0.00644}, 0.6, "0.6%", "0.7%"),
        ({"answer": "12.5%", "exe_ans": 12.5}, 12.5, "12.5%", "0.125%"),
        ({"answer": "8.9%", "exe_ans": -0.0894}, -8.94, "-8.9%", "8.9%"),
        ({"answer": "94000000", "exe_ans": 94.0}, 94, "$94 million", "$94 billion"),
        (
            {"answer": "1.07", "exe_ans": 1.0662, "program": "divide(410.5, 385.0)"},
            1.0662,
            "1.07",
            "7%",
        ),
        ({"answer": "", "exe_ans": "yes"}, None, "Yes, they were.", "No, they were not."),
    ],
)
def test_finqa_gold(
    read: Read, qa: dict[str, object], value: float | None, right: str, wrong: str
) -> None:
    record = {**FINQA, "qa": {"question": "what was the change?", "program": "", **qa}}
    (question,) = read(json.dumps([record]))
    assert question.value == value
    assert grade(question, right) == "correct"
    assert grade(question, wrong) == "wrong"


def test_finqa_records_may_hold_two_questions(read: Read) -> None:
    both = {**PAGE, "id": "x", "qa_0": FINQA["qa"], "qa_1": FINQA["qa"]}
    assert [question.id for question in read(json.dumps([both]))] == ["x_qa_0", "x_qa_1"]


def test_convfinqa_asks_each_turn_with_the_earlier_ones(read: Read) -> None:
    first, second, third, fourth = read(json.dumps([CONVERSATION]))
    assert first.id == "Single_BRL/2021/page_7.pdf-2_0"
    assert first.question == "what were lamp sales in 2021?"
    assert second.question == (
        "Answered before:\nwhat were lamp sales in 2021? 410.5\nNow: and in 2020?"
    )
    assert (first.type, third.type) == ("number selection", "program")
    assert grade(second, "$385 million") == "correct"
    assert grade(second, "$410.5 million") == "wrong", "the earlier answer is none"
    assert (third.value, third.unit) == (6.623, "%")
    assert grade(third, "6.6%") == "correct"
    assert kind(fourth) == "yes-no" and grade(fourth, "No, they fell.") == "wrong"


def test_convfinqa_turns_read_as_the_conversation(read: Read) -> None:
    (turn,) = read(json.dumps([TURN]))
    assert turn == read(json.dumps([CONVERSATION]))[2]


def test_kg_rag_names_documents_without_pages(read: Read) -> None:
    by_pattern, by_names = read(kg_rag(ROWS))
    assert by_pattern.answerable and by_pattern.type == "Multi-Doc RAG"
    assert by_pattern.answer == "They rose from $90 million to $99 million."
    assert by_pattern.right_docs & {"2021 Q1 BRL", "2021 Q1 OTHER"} == {"2021 Q1 BRL"}
    assert "2021 Q3 BRL" in by_pattern.right_docs and "BR" not in by_pattern.right_docs
    assert by_names.right_docs == {"2021 Q1 BRL", "2021 Q2 BRL"}
    assert gold_evidence(by_names, None) is None, "it has no pages to show"


@pytest.mark.parametrize("row", [0, 1])
def test_without_pages_only_the_document_can_be_missed(read: Read, row: int) -> None:
    question = read(kg_rag(ROWS))[row]

    def stage(doc: str, verdict: Grade) -> str | None:
        record = {"passages": [{"doc": doc, "page": 3}], "answer": {"answer": "They fell."}}
        return failed_stage(question, record, verdict)

    assert stage("2021 Q1 OTHER", "wrong") == "document"
    assert stage("2021 Q2 BRL", "wrong") == "wording"
    assert stage("2021 Q2 BRL", "refused") == "refusal"


def test_kg_rag_may_be_windows_text(read: Read) -> None:
    (question,) = read(kg_rag([["What is Boreal’s debt?", *ROWS[1][1:]]], ["5"]).encode("cp1252"))
    assert question.question == "What is Boreal’s debt?"


def test_the_own_format_needs_pages_still(read: Read) -> None:
    own = {"id": "a", "question": "How much?", "answer": "5", "doc": "X", "pages": []}
    with pytest.raises(EvaluationError, match="name at least one page"):
        read(lines(own))


def changed(record: Any, path: str, value: object) -> Any:
    """A copy with one field replaced; `path` like "questions.0.scale"."""
    copy = json.loads(json.dumps(record))
    *inner, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    place = copy
    for key in inner:
        place = place[key]
    place[last] = value
    return copy


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("doc_name", None, r'line 2, field "doc_name"'),
        ("answer", "", r'line 2, field "answer"'),
        ("evidence", "text", r'line 2, field "evidence": a list is needed'),
        ("evidence", [], r'line 2, field "evidence": at least one'),
        ("evidence.0", "x", r'line 2, field "evidence", entry 1: a JSON object'),
        ("evidence.0.evidence_page_num", "59", r'entry 1, field "evidence_page_num": .*from 0'),
        ("evidence.0.evidence_page_num", -1, r'field "evidence_page_num"'),
        ("evidence.0.evidence_text_full_page", 7.5, None),
        ("evidence.0.evidence_text_full_page", [1], r'field "evidence_text_full_page"'),
    ],
)
def test_damaged_financebench(read: Read, path: str, value: object, message: str | None) -> None:
    content = lines({**FINANCEBENCH, "financebench_id": "z"}, changed(FINANCEBENCH, path, value))
    if message is None:
        assert len(read(content)) == 2
        return
    _one_line(read, content, message)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("table", [], r'record 1, field "table": a JSON object'),
        ("table.uid", None, r'record 1, field "table", field "uid"'),
        ("table.table", ["row"], r'field "table": a list of rows is needed, found "row"'),
        ("paragraphs", None, r'record 1, field "paragraphs": a list'),
        ("paragraphs.0.text", 0, None),
        ("paragraphs.0.order", "first", r'entry 1, field "order": a number'),
        ("questions", {}, r'record 1, field "questions": a list'),
        ("questions.1.question", None, r'record 1, question 2, field "question"'),
        ("questions.1.answer", None, r'question 2, field "answer"'),
        ("questions.0.answer", [], r'question 1, field "answer"'),
        ("questions.0.answer", [["x"]], r'question 1, field "answer"'),
        ("questions.4.answer", "many", r'question 5, field "answer": a number'),
        ("questions.0.scale", "dozen", r'question 1, field "scale": thousand, million'),
        ("questions.0.scale", [], None),
        ("questions.0.scale", ["million"], r'question 1, field "scale"'),
        ("questions.0.uid", "q2", "stands twice"),
    ],
)
def test_damaged_tatqa(read: Read, path: str, value: object, message: str | None) -> None:
    content = json.dumps([changed(TATQA, path, value)], indent=1)
    if message is None:
        assert len(read(content)) == 8
        return
    _one_line(read, content, message)


@pytest.mark.parametrize(
    ("record", "path", "value", "message"),
    [
        (FINQA, "id", None, r'record 1, field "id"'),
        (FINQA, "pre_text", "text", r'record 1, field "pre_text": a list'),
        (FINQA, "pre_text", [1], r'record 1, field "pre_text": a list of texts is needed, found 1'),
        (FINQA, "table_ori", 3, r'record 1, field "table_ori": a list'),
        (FINQA, "qa", None, r'record 1, field "qa": a JSON object'),
        (FINQA, "qa.question", None, r'field "qa", field "question"'),
        (FINQA, "qa.exe_ans", None, r'field "qa", field "exe_ans": a number'),
        (FINQA, "qa.exe_ans", "maybe", r'field "qa", field "exe_ans": a number'),
        (FINQA, "qa.exe_ans", float("nan"), r'field "qa", field "exe_ans": a number'),
        (FINQA, "qa.exe_ans", 10**400, r'field "qa", field "exe_ans": a number'),
        (CONVERSATION, "annotation", [], r'field "annotation": a JSON object'),
        (CONVERSATION, "annotation.exe_ans_list", [1], r'field "annotation": one answer for each'),
        (CONVERSATION, "annotation.exe_ans_list.1", None, r'"annotation", field "exe_ans"'),
        (CONVERSATION, "annotation.dialogue_break", [], r'"annotation": one answer for each'),
        (TURN, "annotation.cur_dial", [5], r'field "cur_dial": a list of texts'),
        (TURN, "annotation.exe_ans", None, r'field "exe_ans": a number'),
    ],
)
def test_damaged_finqa(read: Read, record: Any, path: str, value: object, message: str) -> None:
    _one_line(read, json.dumps([changed(record, path, value)]), message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "holds no questions"),
        ("", "holds no questions"),
        (kg_rag([]), "holds no questions"),
        ('\n["one", "two"]', "line 2: not a JSON object"),
        ('[\n "one",\n "two"\n]', "line 1: not a JSON object on each line, nor"),
        (json.dumps([TATQA, "x"]), r'record 2: a JSON object is needed, found "x"'),
        (json.dumps([TATQA], indent=1)[:300], r"line \d+: not JSON .*cut off"),
        (json.dumps([FINQA])[:-1], r"line 1: not JSON .*cut off"),
        (lines(FINANCEBENCH) + lines(FINANCEBENCH)[:90], "line 2: not JSON"),
        (lines(FINANCEBENCH, [3]), "line 2: not a JSON object"),
        (lines(FINANCEBENCH, FINANCEBENCH), "stands twice"),
        ("[" * 100_000, "nested too deeply"),
        ("[" + "1" * 5000 + "]", "not JSON"),
        (kg_rag(ROWS, None), r'record 1, field "Answer": a text is needed'),
        (kg_rag([["", *ROWS[0][1:]]]), r'record 1, field "Question"'),
        (kg_rag([[ROWS[0][0], " , ", "", ""]]), r'record 1, field "Source Docs"'),
        (kg_rag([[ROWS[0][0], "**", "", ""]]), r'record 1, field "Source Docs"'),
        ('Question,Source Docs,Answer\n"cut,*A*,5\n', r"not CSV"),
    ],
)
def test_a_damaged_file_is_one_line(read: Read, content: str | bytes, message: str) -> None:
    _one_line(read, content, message)


def _one_line(read: Read, content: str | bytes, message: str) -> None:
    with pytest.raises(EvaluationError, match=message) as raised:
        read(content)
    assert "questions.txt" in str(raised.value) and "\n" not in str(raised.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=4,
    ),
    st.sampled_from([FINANCEBENCH, TATQA, FINQA, CONVERSATION, TURN]),
    st.data(),
)
def test_any_value_anywhere_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, value: object, record: Any, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(_paths(record)))
    file = tmp_path_factory.mktemp("wild") / "q"
    file.write_text(json.dumps([changed(record, path, value)]), encoding="utf-8")
    try:
        questions = read_questions(file)
    except EvaluationError as error:
        assert "\n" not in str(error)
        return
    for question in questions:
        assert grade(question, "It was 5.") in ("correct", "wrong", "refused")


def _paths(record: Any, before: str = "") -> list[str]:
    items = record.items() if isinstance(record, dict) else enumerate(record)
    found = []
    for key, value in items:
        found.append(f"{before}{key}")
        if isinstance(value, (dict, list)):
            found += _paths(value, f"{before}{key}.")
    return found


def _said(question: Question, value: float) -> str:
    figure = f"{value:,.10g}"
    if question.unit == "%":
        return f"{figure}%"
    return f"{figure} {question.unit}" if question.unit in _NEXT else figure


_NEXT = {"thousand": "million", "million": "billion", "billion": "million"}


def test_real_tatqa_gold_is_graded_by_number_and_scale(shared: Path) -> None:
    file = shared / "tatqa" / "tatqa_dataset_dev.json"
    if not file.is_file():
        pytest.skip("no ../shared/tatqa with the published questions")
    questions = read_questions(file)
    assert len(questions) == len({question.id for question in questions}) == 1668
    assert all(question.gold_pages and question.answerable for question in questions)
    gold = [grade(q, f"The answer is {q.answer}.") for q in questions]
    assert gold.count("correct") / len(gold) >= 0.99
    figures = [q for q in questions if q.value]
    assert len(figures) > 900
    for question in figures:
        value = question.value or 0.0
        assert grade(question, f"It was {_said(question, value)}.") == "correct", question
        assert grade(question, f"It was {_said(question, 2 * value)}.") == "wrong", question
        scale = _NEXT.get(question.unit or "", "million")
        assert grade(question, f"It was {value:,.10g} {scale}.") == "wrong", question
        if value < 0 and asks_change(question.question):
            assert grade(question, _said(question, -value)) == "wrong", question
