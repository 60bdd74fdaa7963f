"""RUN'S SUMMARY -> REPORT for those who decide whether a quantized model may replace the full one:
one HTML file that needs nothing else, and the same as Markdown.

Sections are made once, as blocks of plain text, and each format escapes all of it when it writes:
questions, answers and names come from outside. The same summary gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from typing import Any

from eval.gate import overall
from eval.report import SPEED_HEAD, number, percent, speed_row, times_as_fast
from eval.run_plots import (
    Banner,
    Block,
    Cell,
    Code,
    Fold,
    Heading,
    Outcome,
    Pictures,
    Table,
    asked,
    block_html,
    block_markdown,
    by_place,
    context_pictures,
    escaped,
    legend,
    place,
    plain,
    ranged,
    recovery_picture,
    size_picture,
    stage_pictures,
)
from eval.stages import STAGES

Row = dict[str, Any]
Column = Callable[[Any], Cell]
MISSING = "Not measured in this run."
_CHANGED_SHOWN = 50  # answers of a comparison; all are in the JSON
_LONGEST = 700  # letters of an answer
_UNKNOWN = {"value": None, "ci_low": None, "ci_high": None}
_STEPS = {
    "document": "document not shown",
    "page": "page not shown",
    "refusal": "refused",
    "extraction": "wrong amount read",
    "calculation": "wrongly calculated",
    "wording": "wrong in words",
    "hallucinated": "hallucinated",
}
_SAID = {
    "pass": "Every limit is held: a larger loss than allowed is ruled out.",
    "fail": "At least one limit is broken: the loss is larger than allowed.",
    "undecided": "No limit is shown to be broken, but not every one is shown to be held: there are "
    "too few answers to tell.",
    "no verdict": f"No limit was tested. {MISSING}",
}


def report_html(summary: Row) -> str:
    """One page: no scripts, no addresses, styles and pictures inside."""
    title, sections = escaped(_title(summary)), _sections(summary)
    links = "".join(f'<a href="#s{n}">{name}</a>' for n, (name, _) in enumerate(sections, 1))
    body = "".join(
        f'<section id="s{n}"><h2>{n}. {name}</h2>{"".join(map(block_html, blocks))}</section>\n'
        for n, (name, blocks) in enumerate(sections, 1)
    )
    head = "".join(map(block_html, _head(summary)))
    style = files("eval").joinpath("run_report.css").read_text(encoding="utf-8")
    # Should an answer's text ever get past the escaping, a browser still loads and runs nothing.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>\n{style}</style></head>\n"
        f"<body><header><h1>{title}</h1>{head}</header><nav>{links}</nav>\n{body}</body></html>\n"
    )


def report_markdown(summary: Row) -> str:
    """The same words and tables; the pictures' numbers are in the tables."""
    parts = [f"# {plain(_title(summary))}", *map(block_markdown, _head(summary))]
    for n, (name, blocks) in enumerate(_sections(summary), 1):
        parts += [f"## {n}. {name}", *map(block_markdown, blocks)]
    return "\n\n".join(part for part in parts if part)


def _title(summary: Row) -> str:
    return summary["title"] or "Evaluation run"


def _head(summary: Row) -> list[Block]:
    """What must be known before anything else."""
    asked, wanted = (sum(cell[name] for cell in summary["cells"]) for name in ("asked", "n"))
    begun = (
        f"Begun {summary['started']}. Models: {len(summary['models'])}, question sets: "
        f"{len(summary['sets'])}, n = {asked:,} answers. Intervals in brackets are 95%. SHA-256 of "
        f"the answers and grades: {summary['results_sha256']}"
    )
    if summary["finished"]:
        return [begun]
    unfinished = f"{asked:,} of {wanted:,} answers are there. Nothing below is final."
    return [Banner(Outcome("unfinished"), unfinished), begun]


def _sections(summary: Row) -> list[tuple[str, list[Block]]]:
    """In the order in which a committee asks."""
    made: list[tuple[str, Callable[[Row], list[Block]]]] = [
        ("Verdict", _verdict),
        ("What was measured", _measured),
        ("Right answers kept", _recovery),
        ("Accuracy", _accuracy),
        ("Answers lost and gained", _flips),
        ("By kind of question", _by_kind),
        ("By length of context", _by_context),
        ("Where answers go wrong", _stages),
        ("Distance from the full model", _fidelity),
        ("Size, speed and what is kept", _pareto),
        ("Speed", _speed),
        ("The answers that changed", _changed),
        ("Limits of this report", _limits),
    ]
    return [(name, make(summary) or [MISSING]) for name, make in made]


def _verdict(summary: Row) -> list[Block]:
    gate = summary["gate"] or {"outcome": "no verdict", "tests": []}
    said = _SAID[gate["outcome"]]
    if gate["tests"]:
        said += f" One-sided, at {percent(gate['confidence'])} confidence."
    kept = [_kept(summary, each["label"]) for each in summary["models"] if each["full"]]
    columns: dict[str, Column] = {
        "model": lambda test: str(test["model"]),
        "questions": lambda test: (
            f"{', '.join(test['sets'])}, {test['evidence']}"
            + (f", only {test['type']}" if test["type"] else "")
        ),
        "n": _count("n"),
        "outcome": lambda test: Outcome(test["outcome"]),
        "limit": lambda test: f"{test['measure']} ≥ {_shown(test, 'threshold')}",
        "measured": lambda test: _shown(test, "value"),
        "one-sided bounds": lambda test: (
            f"{_shown(test, 'bound_low')} to {_shown(test, 'bound_high')}"
        ),
        "p": lambda test: _p(test["p"]),
        "why": lambda test: str(test["reason"]),
    }
    return [Banner(Outcome(gate["outcome"]), said), kept, *_table(columns, gate["tests"])]


def _kept(summary: Row, model: str) -> Cell:
    """One sentence: pooled where several sets were asked, then set by set."""
    mine = [each for each in summary["comparisons"] if each["model"] == model and each["n"]]
    if not mine:
        return f"{model}: not compared with its full model in this run."
    pooled = [point["recovery"] for point in summary["pareto"] if point["model"] == model]
    whole = mine[0]["recovery"] if len(mine) == 1 else (pooled or [_UNKNOWN])[0]
    n, lost, gained = (sum(each[name] for each in mine) for name in ("n", "lost", "gained"))
    places = "; ".join(
        f"{place(each)} {percent(each['recovery']['value'])}, n = {each['n']:,}" for each in mine
    )
    tests = summary["gate"]["tests"] if summary["gate"] else []
    outcomes = [test["outcome"] for test in tests if test["model"] == model]
    said = (
        f"{model} keeps {ranged(whole)} of the right answers of {mine[0]['full']}: {lost:,} lost "
        f"and {gained:,} gained of n = {n:,} answers "
        f"({places if len(mine) > 1 else place(mine[0])})."
    )
    return (Outcome(overall(outcomes)), said) if outcomes else said


def _measured(summary: Row) -> list[Block]:
    models: dict[str, Column] = {
        "model": lambda each: str(each["label"]),
        "compared with": lambda each: each["full"] or "is the full model here",
        "scheme": lambda each: each["scheme"] or "–",
        "MB": lambda each: _megabytes(each["bytes"]),
    }
    sets: dict[str, Column] = {
        "question set": lambda each: str(each["name"]),
        "n": _count("n"),
        "source": lambda each: str(each["source"]),
    }
    prints: dict[str, Column] = {
        "model or set": lambda each: str(each["label"] if "label" in each else each["name"]),
        "SHA-256": lambda each: each["sha256"] or "–",
    }
    versions: dict[str, Column] = {"package": lambda each: each[0], "version": lambda e: str(e[1])}
    machine = summary["machine"]
    return [
        *(_table(models, summary["models"]) or [f"Models: {MISSING}"]),
        *(_table(sets, summary["sets"]) or [f"Question sets: {MISSING}"]),
        "Gold evidence: the model is given the pages that hold the answer. Retrieved: what the "
        "search finds.",
        f"Machine: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB.",
        Fold(
            "Versions, fingerprints and plan",
            [
                *_table(versions, summary["versions"].items()),
                *_table(prints, [*summary["models"], *summary["sets"]], "prints"),
                Code(summary["plan"]),
            ],
        ),
    ]


def _recovery(summary: Row) -> list[Block]:
    tests = [test for test in (summary["gate"] or {"tests": []})["tests"] if not test["type"]]
    limits = sorted({test["threshold"] for test in tests if test["measure"] == "recovery"})
    columns = _WHO | {"right answers kept": lambda each: ranged(each["recovery"])}
    rows = _table(columns, summary["comparisons"])
    said = "The quantized model's right answers over the full model's, on the same questions."
    return [said, Pictures([recovery_picture(summary, limits)]), *rows] if rows else []


def _accuracy(summary: Row) -> list[Block]:
    cells = summary["cells"]
    columns: dict[str, Column] = {
        **_WHO,
        "n": lambda cell: f"{cell['asked']:,} of {cell['n']:,}",
        **_GRADED,
        **({"exact match (TAT-QA's)": _exact_match} if any(map(_is_matched, cells)) else {}),
        "s a question": lambda cell: number(cell["seconds_per_question"], 1),
    }
    return _table(columns, cells)


def _is_matched(cell: Row) -> bool:
    return bool(cell["exact_match"]["n"])


def _exact_match(cell: Row) -> str:
    exact = cell["exact_match"]
    return percent(exact["k"] / exact["n"]) if exact["n"] else "–"


def _flips(summary: Row) -> list[Block]:
    columns: dict[str, Column] = {
        **_WHO,
        "lost": _count("lost"),
        "gained": _count("gained"),
        "accuracy minus full's": lambda each: ranged(each["difference"], _points),
        "McNemar p": lambda each: _p(each["mcnemar_p"]),
    }
    rows = _table(columns, summary["comparisons"])
    said = (
        "Lost: only the full model is right. Gained: only the quantized one is. McNemar's exact "
        "test asks whether the two happen equally often; a large p proves nothing."
    )
    return [said, *rows] if rows else []


def _by_kind(summary: Row) -> list[Block]:
    return _parts(summary, "kind", lambda each: each["by_type"])


def _by_context(summary: Row) -> list[Block]:
    def parts_of(each: Row) -> Row:
        return {part["context"]: part for part in each["by_context"]}

    rows = _parts(summary, "context", parts_of)
    said = "In tokens of the whole prompt, evidence included."
    return (
        [said, Pictures(context_pictures(summary, parts_of), legend(summary)), *rows]
        if rows
        else []
    )


def _parts(summary: Row, what: str, parts_of: Callable[[Row], Row]) -> list[Block]:
    """A table for every set and evidence mode, the models of one part below each other."""
    beside = {
        (each["model"], place(each), name): part
        for each in summary["comparisons"]
        for name, part in parts_of(each).items()
    }
    columns: dict[str, Column] = {
        what: lambda row: row[0],
        "model": lambda row: row[1],
        "n": lambda row: f"{row[2]['n']:,}",
        **{name: lambda row, show=show: show(row[2]) for name, show in _GRADED.items()},  # type: ignore[misc]
        "right answers kept": lambda row: ranged(row[3]["recovery"]) if row[3] else "–",
        "lost / gained": lambda row: f"{row[3]['lost']} / {row[3]['gained']}" if row[3] else "–",
    }
    blocks: list[Block] = []
    for where, cells in by_place(summary["cells"]).items():
        rows = [
            (name, cell["model"], part, beside.get((cell["model"], where, name)))
            for name in dict.fromkeys(name for cell in cells for name in parts_of(cell))
            for cell in cells
            if (part := parts_of(cell).get(name))
        ]
        if rows:
            blocks += [Heading(where), *_table(columns, rows)]
    return blocks


def _stages(summary: Row) -> list[Block]:
    cells = [cell for cell in summary["cells"] if cell["asked"]]
    columns: dict[str, Column] = {
        **_WHO,
        "n": _count("asked"),
        **{
            what: lambda cell, stage=stage: f"{cell['stages'].get(stage, 0):,}"  # type: ignore[misc]
            for stage, what in _STEPS.items()
        },
        "correct": _count("correct"),
    }
    meanings: list[Cell] = [
        f"{_STEPS[stage]}: {what}" for stage, what in STAGES.items() if stage in _STEPS
    ]
    rows = _table(columns, cells)
    pictures = Pictures(stage_pictures(summary, _STEPS), legend(summary))
    return [pictures, meanings, *rows] if rows else []


def _fidelity(summary: Row) -> list[Block]:
    def fine(value: float | None) -> str:
        return number(value, 4)

    shown: dict[str, Callable[[Row], str]] = {
        "against": lambda each: str(each["full"]),
        "n tokens": lambda each: f"{each['n_tokens']:,}",
        "KLD mean": lambda each: ranged({**each["kld"], "value": each["kld"]["mean"]}, fine),
        **{
            f"KLD {name}": lambda each, name=name: fine(each["kld"][name])  # type: ignore[misc]
            for name in ("p50", "p90", "p95", "p99", "p99.9", "max")
        },
        "same top token": lambda each: ranged(each["same_top"]),
        "perplexity of full": lambda each: fine(each["ppl_full"]),
        "perplexity": lambda each: fine(each["ppl"]),
        "ratio of the two": lambda each: ranged(each["ppl_ratio"], fine),
        "RMS Δp": lambda each: percent(each["rms_dp"]),
    }
    found = summary["fidelity"] or []
    heads = [f"floor: {each['model']}" if each["floor"] else str(each["model"]) for each in found]
    said = (
        "KL divergence (KLD) of the next token's probabilities from the full model's, in nats. The "
        "floor is the full model in another precision: what lies below it cannot be told from none."
    )
    rows = [[name, *map(show, found)] for name, show in shown.items()]
    return [said, Table(["", *heads], rows)] if found else []


def _pareto(summary: Row) -> list[Block]:
    points = summary["pareto"]
    whole = [p for p in points if p["bytes"] is not None and p["seconds"] is not None]
    best = [p["model"] for p in whole if not any(_beats(other, p) for other in whole)]

    columns: dict[str, Column] = {
        "model": lambda p: str(p["model"]),
        "n": lambda p: f"{asked(summary, p):,}",
        "MB": lambda p: _megabytes(p["bytes"]),
        "s an answer": lambda p: number(p["seconds"]),
        "timed": lambda p: "on its own" if p["seconds_from"] == "speed" else "while answering",
        "right answers kept": lambda p: ranged(p["recovery"]),
        "on the front": lambda p: "yes" if p["model"] in best else "no",
    }
    said = (
        "On the front (joined): no other model is at least as small, as fast and as right, and "
        "better in one. Seconds timed while answering (hollow) do not compare with others."
    )
    pictures = [size_picture(summary, whole, best)] if whole else []
    rows = _table(columns, points)
    return [said, Pictures(pictures), *rows] if rows else []


def _beats(one: Row, other: Row) -> bool:
    def goods(p: Row) -> tuple[float, ...]:
        return (-p["bytes"], -p["seconds"], p["recovery"]["value"] or 0.0)

    pairs = list(zip(goods(one), goods(other), strict=True))
    return all(ours >= theirs for ours, theirs in pairs) and goods(one) != goods(other)


def _speed(summary: Row) -> list[Block]:
    found = summary["speed"]
    if not found or not found["rows"]:
        return []
    blocks: list[Block] = [
        f"Medians of n = {found['runs']} interleaved runs, {found['prompt_tokens']}-token prompts, "
        f"up to {found['new_tokens']} new tokens. Compare only within this table.",
        Table(SPEED_HEAD, [speed_row(row) for row in found["rows"]]),
    ]
    ratios: dict[str, Column] = {
        "model": lambda row: str(row["name"]),
        "against": lambda row: str(row["against"]),
        "n": lambda row: str(found["runs"]),
        "times as fast": lambda row: times_as_fast(row)[0],
        "95% interval": lambda row: times_as_fast(row)[1],
    }
    return [*blocks, *_table(ratios, found["ratios"])]


def _changed(summary: Row) -> list[Block]:
    blocks: list[Block] = []
    for each in summary["comparisons"]:
        # What was lost comes first: it is what a committee has to look at.
        order = sorted(each["changed"], key=lambda c: (c["full_grade"] != "correct", c["grade"]))
        columns: dict[str, Column] = {
            "question": lambda c: f"{c['question']} [{c['id']}, {c['type']}]",
            "right answer": lambda c: _cut(c["gold"]),
            f"full: {each['full']}": lambda c: (Outcome(c["full_grade"]), _cut(c["full_answer"])),
            str(each["model"]): lambda c: (Outcome(c["grade"]), _cut(c["answer"])),
        }
        inside = _table(columns, order[:_CHANGED_SHOWN], "texts") or ["None."]
        if (rest := len(order) - _CHANGED_SHOWN) > 0:
            inside.append(f"{rest:,} more are in the JSON of this report.")
        changed = f"{len(order):,} of n = {each['n']:,} grades changed"
        blocks.append(Fold(f"{each['model']}, {place(each)}: {changed}", inside))
    return blocks


def _limits(summary: Row) -> list[Block]:
    import eval.grade as grader

    columns: dict[str, Column] = {
        **_WHO,
        "smallest loss shown": lambda each: (
            "none"
            if each["power"]["smallest_loss"] is None
            else _points(each["power"]["smallest_loss"])
        ),
        "n for 98%": lambda each: number(each["power"]["n_for_2_percent"], 0),
        "filings": lambda each: f"{each['by_filing']['filings']:,}",
        "kept, drawing filings": lambda each: (
            ranged(each["by_filing"]["recovery"]) if each["by_filing"]["recovery"]["value"] else "–"
        ),
    }
    # The grader says itself how far to trust it, so that the numbers here are never older.
    trust = [part for part in (grader.__doc__ or "").split("\n\n") if part.startswith("How far")]
    return [
        "The smallest loss that as many questions show, and how many show that 98% is kept if "
        "nothing is lost in truth: with a chance of 80%, if the models differ as often as they "
        "did.",
        *(_table(columns, summary["comparisons"]) or [MISSING]),
        [
            *([] if summary["finished"] else ["The run is not finished: see the top."]),
            *summary["notes"],
            "Questions about one filing are not independent, as the intervals suppose. The last "
            "column does not suppose it: it draws whole filings (from 10 on).",
            "Where a set is asked with both kinds of evidence, what is pooled over the two counts "
            "two answers to one question as two questions.",
            "Answers are graded by rules, which err. " + " ".join(" ".join(trust).split()),
        ],
    ]


def _table(columns: Mapping[str, Column], items: Iterable[Any], kind: str = "") -> list[Block]:
    """One row an item; nothing where there is none."""
    rows = [[show(item) for show in columns.values()] for item in items]
    return [Table(list(columns), rows, kind)] if rows else []


def _count(name: str) -> Column:
    return lambda each: f"{each[name]:,}"


def _shown(test: Row, name: str) -> str:
    return percent(test[name]) if test["measure"] == "recovery" else _points(test[name])


def _points(value: float | None) -> str:
    return percent(value).replace("%", " points")


def _megabytes(size: int | None) -> str:
    return number(None if size is None else size / 1e6, 0)


def _p(p: float | None) -> str:
    return "< 0.001" if p is not None and p < 0.001 else number(p, 3)


def _cut(text: str) -> str:
    more = len(text) - _LONGEST
    return text if more <= 0 else f"{text[:_LONGEST]}… ({more:,} more letters in the JSON)"


_WHO: dict[str, Column] = {
    "model": lambda each: str(each["model"]),
    "questions": place,
    "n": _count("n"),
}
_GRADED: dict[str, Column] = {
    "correct": _count("correct"),
    "wrong": _count("wrong"),
    "refused": _count("refused"),
    "accuracy": lambda part: ranged(part["accuracy"]),
}
