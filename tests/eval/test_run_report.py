from __future__ import annotations

import copy
import random
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from eval.intervals import mcnemar_p, wilson
from eval.noninferiority import (
    difference_interval,
    pairs,
    questions_needed,
    recovery_interval,
    smallest_loss,
)
from eval.report import SPEED_HEAD
from eval.run_plots import plain
from eval.run_report import MISSING, report_html, report_markdown

Row = dict[str, Any]
FULL = "qwen2.5-coder-1.5b-instruct"
SKILL = {FULL: 0.83, f"{FULL}/int8": 0.825, f"{FULL}/int4-asym-g64": 0.79, "damaged/int4": 0.35}
SETS = {"lookups": 1200, "financebench": 88, "tables-of-long-filings": 240}
PLACES = [("lookups", "gold"), ("financebench", "retrieved"), ("tables-of-long-filings", "gold")]
KINDS = ["figure", "yes-no", "narrative", "unanswerable"]
CONTEXTS = ["under 500 tokens", "500 to 999", "1,000 to 1,999", "2,000 and more"]
HOSTILE = '<script>alert(1)</script></td></table>|`x` [y](http://evil.example) ![z](//evil) & "q"'


def counted(rows: list[Row]) -> Row:
    grades = [row["grade"] for row in rows]
    counts = {grade: grades.count(grade) for grade in ("correct", "wrong", "refused")}
    accuracy = wilson(counts["correct"], len(rows)).to_json()
    return {"n": len(rows), **counts, "accuracy": accuracy}


def compared(both: list[tuple[Row, Row]]) -> Row:
    counts = pairs(
        *([row["grade"] == "correct" for row in rows] for rows in zip(*both, strict=True))
    )
    return {
        "n": counts.n,
        "accuracy": counts.right / counts.n,
        "full_accuracy": counts.full_right / counts.n,
        "recovery": recovery_interval(counts).to_json(),
        "difference": difference_interval(counts).to_json(),
        "lost": counts.lost,
        "gained": counts.gained,
        "mcnemar_p": mcnemar_p(counts.lost, counts.gained),
        "by_filing": {"filings": 12, "recovery": recovery_interval(counts).to_json()},
        "power": {
            "smallest_loss": smallest_loss(counts),
            "n_for_2_percent": questions_needed(counts, 0.98),
        },
    }


def asked(model: str, where: str, n: int) -> list[Row]:
    """Made-up answers; models that are nearly equal err on nearly the same questions."""
    hard, own = random.Random(where), random.Random(model + where)
    rows = []
    for number in range(n):
        difficulty, kind = hard.random(), hard.choice(KINDS)
        right = (difficulty if own.random() < 0.95 else own.random()) < SKILL[model]
        grade = "correct" if right else own.choice(["wrong", "wrong", "refused"])
        wrong_at = own.choice(["document", "page", "extraction", "calculation", "hallucinated"])
        rows.append(
            {
                "type": kind,
                "context": hard.choice(CONTEXTS),
                "grade": grade,
                "stage": None if right else "refusal" if grade == "refused" else wrong_at,
                "question": f"What were Quorvane Pump's total inventories, net of reserves, at "
                f"the end of the fiscal year {2000 + number % 24}, in thousands of US dollars?",
                "answer": f"Total inventories were ${difficulty * 9000:,.1f} thousand [1], as the "
                "consolidated balance sheet shows.",
            }
        )
    return rows


def split(items: list[Any], name_of: Any) -> dict[str, list[Any]]:
    names = sorted({name_of(item) for item in items})
    return {name: [item for item in items if name_of(item) == name] for name in names}


def cell(model: str, place: tuple[str, str], rows: list[Row]) -> Row:
    stages = [row["stage"] for row in rows if row["stage"]]
    contexts = split(rows, lambda row: row["context"])
    return {
        "model": model,
        "set": place[0],
        "evidence": place[1],
        **counted(rows),
        "asked": len(rows),
        "by_type": {k: counted(part) for k, part in split(rows, lambda r: r["type"]).items()},
        "by_context": [{"context": k, **counted(contexts[k])} for k in CONTEXTS if k in contexts],
        "stages": {stage: stages.count(stage) for stage in set(stages)},
        "exact_match": {"k": 0, "n": 0},
        "seconds_per_question": 21.4 * len(model) / 30,
    }


def comparison(model: str, place: tuple[str, str], rows: list[Row], full: list[Row]) -> Row:
    both = list(zip(rows, full, strict=True))
    kinds = split(both, lambda pair: pair[0]["type"])
    contexts = split(both, lambda pair: pair[0]["context"])
    return {
        "model": model,
        "full": FULL,
        "set": place[0],
        "evidence": place[1],
        **compared(both),
        "by_type": {kind: compared(part) for kind, part in kinds.items()},
        "by_context": [{"context": k, **compared(contexts[k])} for k in CONTEXTS if k in contexts],
        "changed": [
            {
                "id": f"q{n}",
                **{name: ours[name] for name in ("type", "question", "answer", "grade")},
                "gold": "$3,141.5 thousand",
                "full_answer": theirs["answer"],
                "full_grade": theirs["grade"],
            }
            for n, (ours, theirs) in enumerate(both)
            if ours["grade"] != theirs["grade"]
        ],
    }


def gate(comparisons: list[Row]) -> Row:
    tests = []
    for each in comparisons:
        low, value, high = (each["recovery"][name] for name in ("ci_low", "value", "ci_high"))
        outcome = "pass" if low > 0.98 else "fail" if high < 0.98 else "undecided"
        tests.append(
            {
                **{name: each[name] for name in ("model", "evidence", "n")},
                "sets": [each["set"]],
                "type": None,
                "measure": "recovery",
                "threshold": 0.98,
                "value": value,
                "bound_low": low,
                "bound_high": high,
                "p": 0.0123,
                "outcome": outcome,
                "reason": f"{each['n']:,} questions cannot tell",
            }
        )
    points = {"threshold": -0.01, "value": -0.012, "bound_low": -0.024, "bound_high": -0.002}
    tests.append(tests[0] | {"type": "yes-no", "measure": "difference"} | points)
    return {"outcome": "fail", "confidence": 0.95, "tests": tests}


def fidelity(model: str, kld: float, floor: bool = False) -> Row:
    spread = {"mean": kld, "ci_low": 0.9 * kld, "ci_high": 1.1 * kld}
    tails = {name: kld * n for n, name in enumerate(["p50", "p90", "p95", "p99", "p99.9", "max"])}
    interval = {"value": 1.01, "ci_low": 1.0, "ci_high": 1.02}
    same = {"value": 0.93, "ci_low": 0.92, "ci_high": 0.94}
    return {
        "model": model,
        "full": FULL,
        "n_tokens": 8192,
        "floor": floor,
        "same_top": same,
        "kld": {**spread, **tails},
        "ppl_full": 7.1,
        "ppl": 7.2,
        "rms_dp": 0.02,
        "ppl_ratio": interval,
    }


def speed_row(name: str, seconds: float) -> Row:
    names = "prefill_tok_s decode_tok_s followup_s load_s peak_rss_mb disk_mb".split()
    sizes = {"answer_s": seconds, "first_token_s": seconds / 2, **dict.fromkeys(names, 30.0)}
    return {"name": name, "prompt_tokens": 924, "completion_tokens": 40, **sizes}


def sample() -> Row:
    """A fictional run."""
    answers = {(m, p): asked(m, p[0], SETS[p[0]]) for m in SKILL for p in PLACES}
    comparisons = [
        comparison(m, p, answers[m, p], answers[FULL, p])
        for m in SKILL
        if m != FULL
        for p in PLACES
    ]
    sizes = {m: (3.1e9, 1.7e9, 0.95e9, 0.93e9)[n] for n, m in enumerate(SKILL)}
    times = {m: (14.2, 6.1, 3.4, 3.5)[n] for n, m in enumerate(SKILL)}
    recoveries = [each["recovery"] for each in comparisons if each["set"] == "lookups"]
    return {
        "title": "May int4 replace the full model?",
        "results_sha256": "ab" * 32,
        "finished": True,
        "started": "2026-01-05T09:30:00+00:00",
        "gate": gate(comparisons),
        "machine": {"cpu": "Xeon Gold 6338 @ 2.00 GHz", "cores": 16, "memory_gb": 64.0},
        "versions": {"torch": "2.13.0", "transformers": "5.5.1", "openvino": "2026.4"},
        "plan": 'title = "May int4 replace the full model?"\n\n[[models]]\nfull = "qwen"\n',
        "models": [
            {
                "label": m,
                "full": None if m == FULL else FULL,
                "bytes": int(sizes[m]),
                "scheme": m.partition("/")[2] or "full",
                "sha256": f"{n}c" * 32,
                "rebuilt_from": None,
            }
            for n, m in enumerate(SKILL)
        ],
        "sets": [
            {"name": name, "n": n, "sha256": "5e" * 32, "source": f"{name}.jsonl"}
            for name, n in SETS.items()
        ],
        "cells": [cell(m, p, answers[m, p]) for m in SKILL for p in PLACES],
        "comparisons": comparisons,
        "fidelity": [
            fidelity(FULL, 0.0011, floor=True),
            *(fidelity(m, 0.01 * n**2) for n, m in enumerate(SKILL) if n),
        ],
        "speed": {
            "prompt_tokens": 924,
            "new_tokens": 40,
            "runs": 5,
            "rows": [speed_row(m, times[m]) for m in SKILL] + [{"name": "x", "error": "no room"}],
            "ratios": [
                {
                    "name": m,
                    "against": FULL,
                    "answer": {"median": 0.4, "ci_low": 0.3, "ci_high": 0.5},
                }
                for m in SKILL
                if m != FULL
            ],
        },
        "pareto": [
            {
                "model": m,
                "bytes": sizes[m],
                "seconds": times[m],
                "seconds_from": "speed",
                "recovery": ([dict.fromkeys(("value", "ci_low", "ci_high"), 1.0), *recoveries])[n],
            }
            for n, m in enumerate(SKILL)
        ],
        "notes": ["qwen was itself rebuilt from an already quantized file (a 4-bit file)."],
    }


RUN = sample()


@pytest.fixture(name="run", scope="module")
def the_run() -> Row:
    return RUN


def small(run: Row) -> Row:
    """One comparison of it, to be changed."""
    made = copy.deepcopy(run)
    made["comparisons"] = [each for each in made["comparisons"] if each["n"] == 88][:1]
    made["comparisons"][0]["changed"] = made["comparisons"][0]["changed"][:2]
    made["cells"] = [each for each in made["cells"] if each["n"] == 88]
    return made


class Page(HTMLParser):
    """Tags, and the text of every cell; fails where tags are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not {name for name, _ in attrs} & {"src", "onerror", "onload", "style", "xlink:href"}
        assert all((value or "").startswith("#s") for name, value in attrs if name == "href")
        if tag != "meta":
            self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open:
            self.cells[-1] += data


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.S))


def test_the_verdict_comes_first_with_its_numbers(run: Row) -> None:
    for text in (report_markdown(run), text_of(report_html(run))):
        verdict, rest = text.split("2. What was measured")
        assert "FAIL" in verdict and "At least one limit is broken" in verdict
        int8 = run["comparisons"][0]
        lost = sum(each["lost"] for each in run["comparisons"][:3])
        assert f"{FULL}/int8 keeps" in verdict
        assert f"{lost} lost and" in verdict and "gained of n = 1,528 answers" in verdict
        assert f"lookups, gold {100 * int8['recovery']['value']:.1f}%, n = 1,200" in verdict
        assert "recovery ≥ 98.0%" in verdict and "difference ≥ -1.0 points" in verdict.replace(
            "&gt;", ">"
        )
        order = "Right answers kept,Accuracy,Answers lost,By kind,By length,Where answers,Distance"
        places = [rest.index(f"{n}. {name}") for n, name in enumerate(order.split(","), 3)]
        assert places == sorted(places)


def test_both_formats_hold_the_same_tables(run: Row) -> None:
    markdown = MarkdownIt("commonmark").enable("table").parse(report_markdown(run))
    cells = [
        "".join(child.content for child in markdown[n + 1].children or [])
        for n, token in enumerate(markdown)
        if token.type == "td_open"
    ]
    squeezed = [" ".join(cell.split()) for cell in Page(report_html(run)).cells]
    assert cells == squeezed
    assert len(cells) > 2000


def test_pictures_are_told_apart_without_colour_and_to_those_who_cannot_see(run: Row) -> None:
    html = report_html(run)
    assert html.count('role="img"') == html.count("aria-label=") == 1 + 3 + 3 + 1
    assert "limit 98.0%" in html and "as good as the full model" in html
    assert "lookups, gold, n = 1,200" in html and "− wrong amount read" in html
    assert "keeps 98.5%, n = 1,528" in html
    assert "<circle" in html and "<rect" in html and "<polygon" in html


def test_the_page_needs_nothing_else_and_is_the_same_again(run: Row) -> None:
    html = report_html(run)
    assert not re.search(r"https?://|<script|<link|<img|url\(|@import", html)
    assert html == report_html(copy.deepcopy(run))
    assert report_markdown(run) == report_markdown(copy.deepcopy(run))
    assert "@media print" in html and "prefers-color-scheme: dark" in html


def test_only_the_first_changed_answers_are_shown_and_lost_ones_lead(run: Row) -> None:
    changed = next(e for e in run["comparisons"] if len(e["changed"]) > 50)["changed"]
    said = f"{len(changed) - 50:,} more are in the JSON of this report."
    assert said in report_html(run) and said in report_markdown(run)
    first = report_markdown(run).split("| question | right answer |")[1].splitlines()[2]
    assert "**CORRECT**" in first.split(" | ")[2]


def test_an_unfinished_run_says_so_at_the_top(run: Row) -> None:
    unfinished = run | {"finished": False}
    unfinished["cells"] = [run["cells"][0] | {"asked": 7}, *run["cells"][1:]]
    for text in (report_html(unfinished), report_markdown(unfinished)):
        assert text.index("Nothing below is final") < text.index("1. Verdict")
        assert "4,919 of 6,112 answers are there" in text
        assert "The run is not finished" in text
    assert "not finished" not in report_html(run)


def test_what_is_missing_is_said(run: Row) -> None:
    empty = run | {"title": "", "versions": {}, "plan": "", "gate": None}
    empty |= {name: [] for name in "models sets cells comparisons pareto notes".split()}
    for name in ("fidelity", "speed"):
        for missing in (None, [] if name == "fidelity" else {"rows": []}):
            text = report_markdown(empty | {"fidelity": None, "speed": None, name: missing})
            sections = text.split("\n## ")[1:]
            assert len(sections) == 13 and all(MISSING in section for section in sections)
    html = report_html(empty | {"fidelity": None, "speed": None})
    assert "NO VERDICT" in html and html.count(MISSING) >= 13
    Page(html)


def test_unknown_numbers_do_not_stop_a_report(run: Row) -> None:
    made = small(run)
    unknown = {"value": None, "ci_low": None, "ci_high": None}
    made["comparisons"][0] |= {"n": 0, "recovery": unknown, "difference": unknown, "by_type": {}}
    made["comparisons"][0]["power"] = {"smallest_loss": None, "n_for_2_percent": None}
    made["cells"][0] |= {"asked": 0, "accuracy": unknown, "by_type": {}, "by_context": []}
    made["cells"][1]["seconds_per_question"] = None
    made["pareto"][0] |= {"bytes": None, "recovery": unknown}
    made["pareto"][1] |= {"seconds": None}
    made["gate"]["tests"][0] |= {"value": None, "bound_low": None, "bound_high": None, "p": None}
    html = report_html(made)
    Page(html)
    assert "cannot be told" in html and "None to" not in html and "nan%" not in html


def hostile(run: Row, text: str) -> Row:
    """The small run with `text` wherever something from outside stands."""
    made = small(run)
    for each in made["comparisons"][0]["changed"]:
        each |= dict.fromkeys(["id", "type", "question", "gold", "answer", "full_answer"], text)
    for each in (*made["models"], *made["cells"], *made["comparisons"], *made["pareto"]):
        each |= {name: text for name in ("label", "model", "set", "source") if name in each}
    made["comparisons"][0]["by_type"] = {text: made["comparisons"][0]["by_type"]["figure"]}
    made["gate"]["tests"][0] |= {"model": text, "reason": text, "sets": [text]}
    made["sets"][0] |= {"name": text, "source": text}
    made |= {"title": text, "plan": text, "notes": [text], "versions": {text: text}}
    return made


def check_harmless(made: Row) -> None:
    page = Page(report_html(made))
    assert not page.tags & {"script", "img", "iframe", "object", "link", "form", "input"}
    kinds = {"html_inline", "html_block", "link_open", "image", "s_open", "em_open"}
    columns = 0
    for token in MarkdownIt("commonmark").enable("table").parse(report_markdown(made)):
        assert token.type not in kinds
        assert not {child.type for child in token.children or []} & kinds
        columns = 0 if token.type in ("thead_open", "tr_open") else columns
        columns += token.type in ("td_open", "th_open")
        assert columns <= len(SPEED_HEAD)  # the widest table
    assert (report_html(made) + report_markdown(made)).encode()


def test_hostile_text_stays_text(run: Row) -> None:
    made = hostile(run, HOSTILE)
    check_harmless(made)
    assert HOSTILE in Page(report_html(made)).cells
    markdown = report_markdown(made | {"plan": ""})  # which is code there
    assert "<script" not in markdown and "&lt;script&gt;" in markdown


wild = st.text(max_size=60) | st.lists(
    st.sampled_from(["|", "\\", "`", "```", "<td>", "</svg>", "&lt;", "\n", "- ", "[a](b)", "_x_"])
).map("".join)


@settings(max_examples=40, deadline=None)
@given(text=wild | st.text(st.characters(), max_size=20))
def test_no_text_from_outside_breaks_out(text: str) -> None:
    check_harmless(hostile(RUN, text))


@given(text=wild)
def test_a_line_of_markdown_shows_what_it_was_given(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse("x " + plain(text))
    shown = "".join(child.content for child in tokens[1].children or [])
    assert shown == " ".join(f"x {''.join(re.sub(CONTROL, '�', text))}".split())


CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
