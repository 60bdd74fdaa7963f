"""An evaluation run as HTML for the page. Names, questions and answers come from outside and stay
text; the report is shown in a frame where nothing can run."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.app.markup import escape, table_html
from assistant.app.quality import Progress
from eval.gate import overall
from eval.report import percent
from eval.run_plots import by_place, place, ranged

Row = dict[str, Any]
NO_RUN = (
    "No evaluation run yet: press “Run short evaluation” below, or make one with "
    "<code>tenq eval run PLAN.toml</code>."
)
_WORDS = {"pass": "Pass", "fail": "Fail", "undecided": "Undecided"}
_SAID = {
    "pass": "a larger loss than allowed is ruled out.",
    "fail": "the loss is larger than allowed.",
    "undecided": "too few answers to tell whether the loss is within what is allowed.",
}
# What Gradio's templates and JavaScript's template strings would read.
_MEANING = re.compile(r"[$`{}\\]")


def summary_html(summary: Row) -> str:
    """Verdict, what each model keeps, and accuracy by kind of question."""
    parts = [_unfinished(summary), _verdict(summary), _kept(summary), *_kinds(summary)]
    parts += [f'<div class="tq-note">{escape(note)}</div>' for note in summary["notes"]]
    return f'<div class="tq-quality">{"".join(parts)}</div>'


def frame_html(page: str) -> str:
    """The report's page in a frame without scripts, forms and an origin of its own."""
    # A bare "#s1" would be the chat's address with #s1, and open the chat in the frame.
    page = page.replace('<a href="#', '<a href="about:srcdoc#')
    inside = _MEANING.sub(lambda found: f"&#{ord(found[0])};", html.escape(page, quote=True))
    return f'<iframe class="tq-report" sandbox title="The whole report" srcdoc="{inside}"></iframe>'


def nothing_html(problems: Sequence[str]) -> str:
    """Where there is no run to show."""
    return f'<div class="tq-quiet tq-blank">{NO_RUN}</div>{problems_html(problems)}'


def problems_html(problems: Sequence[str]) -> str:
    """A line for each."""
    return "".join(f'<div class="tq-error">{escape(problem)}</div>' for problem in problems)


def progress_html(progress: Progress) -> str:
    """How far the short evaluation is, or how it ended."""
    if progress.state == "idle":
        return ""
    fewer = f" {progress.fewer}" if progress.fewer else ""
    if progress.state == "failed":
        return f'<div class="tq-error" role="alert">{escape(progress.text)}</div>'
    if not progress.running:
        return f'<div class="tq-quiet" role="status">{escape(progress.text + fewer)}</div>'
    share = progress.answers / progress.wanted if progress.wanted else 0.0
    return (
        '<div class="tq-phase" role="status"><i class="tq-spin"></i>'
        f"{escape(progress.text)}</div>"
        f'<progress class="tq-share" value="{share:.3f}" aria-label="Answers"></progress>'
        f'<div class="tq-note">{escape("One at a time, for all readers." + fewer)}</div>'
    )


def _unfinished(summary: Row) -> str:
    if summary["finished"]:
        return ""
    asked, wanted = (sum(cell[name] for cell in summary["cells"]) for name in ("asked", "n"))
    text = f" {asked:,} of {wanted:,} answers are there. Nothing below is final."
    return f'<div class="tq-warning"><strong>Unfinished:</strong>{escape(text)}</div>'


def _verdict(summary: Row) -> str:
    gate = summary["gate"]
    if gate is None:
        text = "No verdict: one model alone. Start with --compare-with MODEL to compare two."
        return f'<div class="tq-verdict">{escape(text)}</div>'
    outcome = gate["outcome"]
    reason = next(test for test in gate["tests"] if test["outcome"] == outcome)
    said = f"{_SAID[outcome]} Limit: {_limit(reason)}, at {percent(gate['confidence'])} confidence"
    why = "" if outcome == "pass" else f"{_short(reason['model'])}: {reason['reason']}."
    return (
        f'<div class="tq-verdict tq-gate-{outcome}" role="status">'
        f"<strong>{_WORDS[outcome]}</strong>: {escape(said)}."
        f'<div class="tq-note">{escape(why)}</div></div>'
    )


def _limit(test: Row) -> str:
    kind = f" of {_plain(test['type'])} questions" if test["type"] else ""
    if test["measure"] == "recovery":
        return f"at least {percent(test['threshold'])} of the right answers{kind} kept"
    return f"at most {percent(-test['threshold'])} of accuracy{kind} lost"


def _kept(summary: Row) -> str:
    """A line for every comparison."""
    tests = summary["gate"]["tests"] if summary["gate"] else []
    rows = []
    for each in summary["comparisons"]:
        mine = [
            test["outcome"]
            for test in tests
            if test["model"] == each["model"]
            and test["evidence"] == each["evidence"]
            and each["set"] in test["sets"]
            and not test["type"]
        ]
        word = _word(mine)
        kept = "cannot be told" if each["recovery"]["value"] is None else ranged(each["recovery"])
        cells = (_named(each["model"]), _named(each["full"]), escape(place(each)))
        counts = (f"{each[name]:,}" for name in ("n", "lost", "gained"))
        rows.append([*cells, escape(kept), *counts, word])
    heads = ("Model", "Compared with", "Questions", "Right answers kept (95% interval)")
    return _table("Right answers kept", (*heads, "n", "Lost", "Gained", "Verdict"), rows)


def _word(outcomes: Sequence[str]) -> str:
    if not outcomes:
        return "–"
    found = overall(outcomes)
    return f'<span class="tq-gate-{found}">{_WORDS[found]}</span>'


def _kinds(summary: Row) -> list[str]:
    """Accuracy of every model by kind of question, a table for every set and evidence mode."""
    tables = []
    for where, cells in by_place(summary["cells"]).items():
        kinds = dict.fromkeys(kind for cell in cells for kind in cell["by_type"])
        rows = [
            [escape(_plain(kind)), *(_accuracy(cell["by_type"].get(kind)) for cell in cells)]
            for kind in kinds
        ]
        rows.append(["<strong>all</strong>", *(_accuracy(cell) for cell in cells)])
        heads = ["Kind of question", *(_short(cell["model"]) for cell in cells)]
        tables.append(_table(f"Accuracy: {where}", heads, rows))
    return tables


def _accuracy(part: Row | None) -> str:
    """ "83.3% (5 of 6)"."""
    n = sum(part[grade] for grade in ("correct", "wrong", "refused")) if part else 0
    if not part or not n:
        return "–"
    return f"{percent(part['accuracy']['value'])} <small>({part['correct']:,} of {n:,})</small>"


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """`rows` are HTML already."""
    if not rows:
        return ""
    table = table_html("tq-scores", title, heads, rows)
    return f'<div class="tq-title">{escape(title)}</div>{table}'


def _named(model: str) -> str:
    """The short name; the whole one is in the report."""
    return f'<span title="{escape(model)}">{escape(_short(model))}</span>'


def _short(model: str) -> str:
    """The last two parts of a path."""
    path = Path(model)
    return "/".join(path.parts[-2:]) if path.is_absolute() else model


def _plain(kind: str) -> str:
    return kind.replace("_", " ")
