from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from eval.answers import run_answers
from eval.errors import EvaluationError
from eval.questions import Question, read_questions
from eval.report import retrieval_markdown
from eval.retrieval import ranked_pages, run_retrieval, score_retrieval
from index.documents import Hit
from index.retrieve import Technique
from index.store import Store

Readers = Callable[..., Any]


def hit(doc: str, page: int) -> Hit:
    return Hit(0, 0, doc, page, "text", 1.0, None, None, None, None)


def test_pages_count_where_they_first_stand() -> None:
    hits = [hit("A", 2), hit("A", 2), hit("B", 2), hit("A", 1), hit("B", 2)]
    assert ranked_pages(hits) == [("A", 2), ("B", 2), ("A", 1)]


def test_hit_rates_and_reciprocal_ranks() -> None:
    asked = [Question(str(n), str(n), "", "A", (7,)) for n in range(5)]
    ranked = {
        "0": [hit("A", 7)],
        "1": [hit("A", 1), hit("A", 1), hit("A", 7)],
        "2": [hit("B", 7), hit("A", 1), hit("A", 2), hit("A", 7)],
        "3": [hit("A", n) for n in (1, 2, 3, 4, 5, 6, 7)],
        "4": [],
    }
    result = score_retrieval(asked, ranked.__getitem__)
    assert result["n"] == 5
    assert result["doc_hit@1"] == 3 / 5
    assert [result[f"page_hit@{k}"] for k in (1, 3, 5, 10)] == [0.2, 0.4, 0.6, 0.8]
    assert result["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 4 + 1 / 7) / 5)
    assert [row["rank"] for row in result["per_question"]] == [1, 2, 4, 7, None]
    assert result["ci"]["page_hit@1"][0] < 0.2 < result["ci"]["page_hit@1"][1]


def test_a_page_of_another_document_is_no_hit_unless_it_is_evidence_too() -> None:
    asked = Question("q", "q", "", "A", (7,))
    hits = [hit("B", 9), hit("A", 7)]
    assert score_retrieval([asked], lambda _: hits)["page_hit@1"] == 0
    also = replace(asked, docs=("B",), evidence=(("B", 9),))
    assert score_retrieval([also], lambda _: hits)["page_hit@1"] == 1


def test_no_questions_have_no_rates() -> None:
    result = score_retrieval([], lambda _: [])
    assert result["n"] == 0 and result["mrr"] is None and result["page_hit@1"] is None


_FILING = """Larkmoor Tools plc
Annual report for the fiscal year ended December 31, 2023

Consolidated balance sheet of Larkmoor Tools at December 31, 2023, in millions
Total assets 5,120
Trade payables 412
\f
Consolidated statement of income of Larkmoor Tools for 2023, in millions
Revenue from customers 812
Wages and salaries 301
Profit before taxation 97
"""


def test_a_real_store_end_to_end(
    tmp_path: Path, embedder_folder: Path, readers: Readers, model_folder: Callable[..., str]
) -> None:
    from index.embed import Embedder
    from index.store import Store

    file = tmp_path / "LARKMOOR_2023.txt"
    file.write_text(_FILING)
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        document = store.add(file).document
        page = document.pages
        revenue = Question(
            "r",
            "What was Larkmoor's revenue from customers in 2023, in USD millions?",
            "$812",
            document.name,
            (page,),
        )
        elsewhere = replace(revenue, id="e", doc="NOT_HERE")
        unanswerable = Question("u", "What will revenue be in 2031?", "", None, ())
        asked = [revenue, elsewhere, unanswerable]

        result = run_retrieval(asked, store)
        assert result["n"] == 1 and result["doc_hit@1"] == 1 and result["page_hit@3"] == 1
        assert result["skipped"] == {"unanswerable": 1, "document_not_in_store": 1}
        with pytest.raises(EvaluationError, match="holds no document"):
            run_retrieval([elsewhere], store)

        loaded, load = readers(full=("2031",))
        model, results = model_folder("full"), tmp_path / "a.jsonl"
        report = run_answers(asked, store, model, tmp_path, results, load=load)
        assert report["n"] == 2 and report["skipped"] == 1
        grades = {row["id"]: row["grade"] for row in report["per_question"]}
        assert grades["r"] == "correct"
        assert grades["u"] == "correct"  # a refusal
        gold = run_answers([revenue], store, model, tmp_path, results, "gold", load=load)
        assert gold["per_question"][0]["passages"] == [{"doc": document.name, "page": page}]
        # Its passages are the whole page, not the chunk found before: asked again.
        assert len(loaded["full"].asked) == 2


def test_what_each_technique_adds_is_told(sample_store: Store) -> None:
    every = read_questions(sample_store.path.parent / "questions.jsonl")
    asked = [question for question in every if question.answerable][:6]
    result = run_retrieval(asked, sample_store, ablation=True)
    without = result["without"]
    assert set(without) == set(get_args(Technique))
    assert all(found["n"] == 6 for found in without.values())
    # The filings of all years are alike then.
    assert without["filters"]["doc_hit@1"] < result["doc_hit@1"]
    told = retrieval_markdown(result)
    assert "| without | doc_hit@1 |" in told and "| filters |" in told
    assert "| without |" not in retrieval_markdown(run_retrieval(asked, sample_store))
