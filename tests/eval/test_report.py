from __future__ import annotations

from pathlib import Path

from eval.intervals import wilson
from eval.models import Model
from eval.report import agreement_markdown, answers_markdown, number, percent, table
from eval.scores import compared, summary

ASKED = {"skipped": 0, "without": [], "calculated": 1}


def rows(*grades: str) -> list[dict[str, object]]:
    return [
        {
            "id": str(n),
            "type": "odd" if n % 2 else "even",
            "grade": grade,
            "stage": None if grade == "correct" else "extraction",
            "seconds": 1.0 + n,
            "calculated": n == 0,
            "cites_gold": n != 3,
            "unsure": n == 1,
            "exact_match": n == 0 if n < 3 else None,
            "numbers": {"n": 3, "foreign": ["17"] if n == 1 else []},
        }
        for n, grade in enumerate(grades)
    ]


def model(name: str, rebuilt_from: str | None = None) -> Model:
    return Model(name, None, Path(), "0", rebuilt_from)


def test_a_comparison_is_told_in_full() -> None:
    small, full = model("small"), model("full", "a 4-bit file")
    ours = rows("correct", "wrong", "refused", "correct")
    theirs = rows("correct", "correct", "correct", "wrong")
    result = {
        **summary(small, "gold", ours),
        **ASKED,
        "skipped": 2,
        "without": ["filters", "grounding"],
        **compared(small, ours, full, theirs, "gold"),
    }
    text = answers_markdown(result)
    assert "4 questions, gold evidence. Without filters, grounding. 2 left out" in text
    assert "1 answers come from the filings' own figures, without a model; 0 of them" in text
    assert "The model was unsure of 1 answers, which say so: 0 are right, 1 wrong." in text
    told = "Numbers in answers that stand in the evidence or were calculated: 11 of 12 (91.7%)."
    assert told in text
    exact = "Exact match as TAT-QA counts it (answer and scale, to two decimals): 1 of 3 (33.3%)."
    assert exact in text
    assert "Stated without doubt and wrong: 0 of 4 (0.0%)" in text
    assert "1 of the 2 right answers with a known page cite it (50.0%)" in text
    assert "| small | 2 | 1 | 1 | 50.0% | 15.0% to 85.0% | 2.5 |" in text
    assert "Recovery 66.7% of full's accuracy" in text
    assert "2 answers lost, 1 gained; exact McNemar p = 1.000" in text
    assert "rebuilt from an already quantized file (a 4-bit file)" in text
    assert "| even | 2 | 50.0% | 100.0% |" in text
    assert "| extraction: told another amount of what was shown" in text
    assert "row, column or unit | 2 | 1 |" in text


def test_a_report_of_one_model_has_no_loss() -> None:
    result = {**summary(model("one"), "retrieved", rows("correct")), **ASKED}
    text = answers_markdown(result)
    assert "lost" not in text and "left out" not in text
    assert result["accuracy"] == wilson(1, 1).to_json()


def test_kinds_that_the_grader_is_weak_at_are_named() -> None:
    def part(kappa: float | None) -> dict[str, object]:
        return {"n": 40, "agreement": 0.85, "kappa": kappa}

    labels = ("correct", "wrong", "refused")
    result = {
        "overall": part(0.8),
        "by_kind": {"narrative": part(0.749), "numeric": part(0.75), "yes-no": part(0.6)},
        "confusion": {label: dict.fromkeys(labels, 1) for label in labels},
    }
    text = agreement_markdown(result)
    assert "| narrative | 40 | 85.0% | 0.749 | weak |" in text
    assert "| numeric | 40 | 85.0% | 0.750 |  |" in text
    assert "weak (κ below 0.75) for narrative, yes-no: check these by eye" in text
    result["by_kind"] = {"numeric": part(0.9), "one label": part(None)}
    assert "weak" not in agreement_markdown(result)


def test_tables_escape_and_name_the_unknown() -> None:
    assert table(["a", "b"], [["x|y", "1"]]).splitlines() == [
        "| a | b |",
        "| --- | ---: |",
        "| x\\|y | 1 |",
    ]
    assert percent(None) == "–" and number(None) == "–"
    assert percent(0.1234) == "12.3%" and number(1234.5, 1) == "1,234.5"
