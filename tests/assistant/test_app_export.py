"""What a reader takes away: Markdown, CSV, XLSX, chips, bars. Text stays text in all of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Answer, Citation
from assistant.app.chips import chips_html, kind_html, next_html
from assistant.app.export import HEADS, csv_of, csv_text, files_of, markdown, rows, xlsx_bytes
from assistant.app.reply import Reply
from assistant.app.trend import trend_html
from assistant.assistant import answered_unread
from assistant.evidence import gather
from index.store import Store

TREND = "What was Quorvane Pump's gross margin in fiscal 2022, 2023 and 2024?"
HOSTILE = '=HYPERLINK("http://evil.test","x") | <b> `'


@pytest.fixture(scope="module")
def reply(sample_store: Store) -> Reply:
    evidence = gather(sample_store, TREND)
    answer = answered_unread(evidence, {"name": "m", "scheme": ""})
    assert answer is not None and answer.calculation
    return Reply(TREND, "m", answer=answer, asked=TREND, understood=evidence.understood)


@pytest.fixture
def hostile() -> Reply:
    cited = Citation("doc", 2, f"{HOSTILE}\x01", "=Acme", "10-K", 2024, 1)
    answer = Answer(
        HOSTILE, HOSTILE, False, (cited,), {"name": "m", "scheme": "int4"}, {"total": 1.0}, 1, 1,
        value=5.0, unit="USD",
    )  # fmt: skip
    return Reply(HOSTILE, "m", answer=answer, asked=HOSTILE)


def workbook(data: bytes) -> list[list[Any]]:
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows()]


def test_figures_are_numbers_with_their_places(reply: Reply) -> None:
    found = rows([reply])
    assert {row[2] for row in found} >= {"revenue", "gross margin"}
    assert {row[3] for row in found} == {"FY2022", "FY2023", "FY2024"} or len(found) == 9
    for row in found:
        assert isinstance(row[4], int | float)
    inputs = [row for row in found if row[8] is not None]
    assert inputs and all(str(row[6]).strip("$()") in str(row[9]) for row in inputs)
    lines = list(csv.reader(io.StringIO(csv_text([reply]))))
    assert lines[0] == list(HEADS) and len(lines) == len(found) + 1
    cells = workbook(xlsx_bytes([reply]))
    assert [cell.value for cell in cells[0]] == list(HEADS)
    assert [row[4].value for row in cells[1:]] == pytest.approx([row[4] for row in found])


def test_markdown_has_answer_calculation_and_sources(reply: Reply) -> None:
    text = markdown([reply, Reply("stopped", stopped=True)])
    assert text.startswith("## What was Quorvane Pump's gross margin")
    assert "| revenue |" in text and "Sources:" in text and "page" in text
    assert "stopped" not in text
    assert markdown([]) == ""


def test_nothing_becomes_a_formula_or_markup(hostile: Reply) -> None:
    assert "<b>" not in markdown([hostile]).replace("\\<b\\>", "")
    ((_, *line),) = [list(csv.reader(io.StringIO(csv_text([hostile]))))]
    assert line[0][0].startswith("'=") and line[0][1] == "'=Acme"
    cells = workbook(xlsx_bytes([hostile]))[1]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert cells[0].value == HOSTILE


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" @SUM(A1)", "' @SUM(A1)"),
        ("\n-1", "'\n'-1"),
        ("＝1", "'＝1"),
        ("a;=1+1", "a;'=1+1"),
        ("a\t+1|-1", "a\t'+1|'-1"),
        ("a = b; c-d", "a = b; c-d"),
        (-5, "-5"),
    ],
)
def test_no_text_is_a_formula_however_a_file_is_parted(text: str | int, cell: str) -> None:
    assert list(csv.reader(io.StringIO(csv_of(["h"], [[text]]), newline="")))[1] == [cell]


def test_files_lie_where_nobody_guesses(reply: Reply, tmp_path: Path) -> None:
    one, two = files_of([reply], tmp_path), files_of([reply], tmp_path)
    assert [file.suffix for file in one] == [".md", ".csv", ".xlsx"]
    assert all(file.stat().st_size > 100 for file in one)
    assert one[0].parent != two[0].parent and len(one[0].parent.name) >= 32
    assert files_of([Reply("stopped", stopped=True)], tmp_path) == []


def test_what_was_understood_is_shown(reply: Reply, hostile: Reply) -> None:
    shown = chips_html(reply, 4)
    assert "Quorvane Pump Corporation" in shown and "fiscal 2022 to 2024" in shown
    assert shown.count('data-edit="4"') == shown.count("<li>") >= 3
    told = Reply("q", taken=(HOSTILE,), understood={"companies": [HOSTILE], "items": [HOSTILE]})
    assert "<b>" not in chips_html(told, 0) and "=HYPER" in chips_html(told, 0)
    assert chips_html(Reply("q"), 0) == ""
    assert "Calculated from" in kind_html(reply.answer)  # type: ignore[arg-type]
    assert "Written by the model" in kind_html(hostile.answer)  # type: ignore[arg-type]
    assert "<b>" not in next_html([HOSTILE]) and next_html([]) == ""


def test_several_years_become_bars(reply: Reply) -> None:
    assert reply.answer is not None and reply.answer.calculation
    steps = reply.answer.calculation["steps"]
    picture = trend_html(steps)
    assert picture.count("<rect") == 3 and 'role="img"' in picture
    assert all(step["shown"].replace("%", "") in picture for step in steps)
    assert trend_html(steps[:2]) == ""
    assert trend_html([*steps, {**steps[0], "unit": "USD"}]) == ""
    below = [{**step, "value": f"-{step['value']}", "name": "<b>"} for step in steps]
    for each in below:
        each["name"] = "<b>"
    assert trend_html(below).count("<rect") == 3 and "<b>" not in trend_html(below)
