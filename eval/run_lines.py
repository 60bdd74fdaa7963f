"""Runs, gates and differences as short Markdown, for the terminal."""

from __future__ import annotations

from typing import Any

from eval.report import number, percent, table


def run_lines(summary: dict[str, Any]) -> str:
    """Accuracy of every cell, and what quantization kept."""
    recovered = {(c["model"], c["set"], c["evidence"]): c for c in summary["comparisons"]}
    rows = []
    for cell in summary["cells"]:
        against = recovered.get((cell["model"], cell["set"], cell["evidence"]))
        rows.append(
            [
                *(cell[name] for name in ("model", "set", "evidence")),
                f"{cell['asked']:,} of {cell['n']:,}",
                percent(cell["accuracy"]["value"]),
                between(against["recovery"]) if against else "",
                f"{against['lost']} / {against['gained']}" if against else "",
                number(cell["seconds_per_question"], 2),
            ]
        )
    names = "model|set|evidence|answered|right|right answers kept|lost / gained|s a question"
    return table(names.split("|"), rows)


def gate_lines(result: dict[str, Any]) -> str:
    """The outcome, then every test."""
    rows = [
        [
            each["model"],
            f"{each['evidence']}: {', '.join(each['sets'])}",
            each["type"] or "all",
            f"{each['n']:,}",
            each["measure"],
            percent(each["threshold"]),
            percent(each["value"]),
            percent(each["bound_low"]),
            percent(each["bound_high"]),
            f"{each['outcome']}: {each['reason']}",
        ]
        for each in result["tests"]
    ]
    names = "model|asked|kind|n|measure|limit|measured|at least|at most|outcome"
    return "\n\n".join(
        [
            f"{result['outcome'].upper()} at {percent(result['confidence'])} confidence, one-sided",
            table(names.split("|"), rows),
        ]
    )


def diff_markdown(result: dict[str, Any]) -> str:
    """The table of cells, then the answers that changed."""
    rows = [
        [
            *(cell[name] for name in ("model", "set", "evidence")),
            f"{cell['n']:,}",
            percent(cell["accuracy_before"]),
            percent(cell["accuracy_after"]),
            between(cell["difference"]),
            f"{cell['lost']} / {cell['gained']}",
            number(cell["mcnemar_p"], 3),
        ]
        for cell in result["cells"]
    ]
    names = "model|set|evidence|n|before|after|difference|worse / better|McNemar p"
    parts = [
        "# Difference",
        f"{result['before']} before, {result['after']} after.",
        table(names.split("|"), rows),
    ]
    if result["left_out"]:
        parts.append("In one run only: " + "; ".join(result["left_out"]))
    for cell in result["cells"]:
        for one in cell["changed"]:
            parts.append(
                f"- {one['grade_before']} to {one['grade_after']}: {one['question']} "
                f"(gold: {one['gold']})\n  - before: {_one_line(one['before'])}\n"
                f"  - after: {_one_line(one['after'])}"
            )
    return "\n\n".join(parts)


def between(interval: dict[str, float | None]) -> str:
    """ "99.2% (97.1% to 101.4%)"."""
    low, high = (percent(interval[name]) for name in ("ci_low", "ci_high"))
    return f"{percent(interval['value'])} ({low} to {high})"


def _one_line(text: str) -> str:
    return " ".join(text.split())
