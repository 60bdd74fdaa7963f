"""Does the search find the right page? Each question's ranked pages against its gold pages.

A page counts where its best chunk first stands; identical boilerplate of other filings is no hit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, get_args

from eval.errors import EvaluationError
from eval.intervals import percentile, wilson
from eval.questions import Question

if TYPE_CHECKING:
    from index.store import Store

CUTOFFS = (1, 3, 5, 10)
_TOP_K = 100


class Ranked(Protocol):
    """What is needed of a hit."""

    @property
    def doc(self) -> str:
        """Name of the file without its ending."""
        ...

    @property
    def page(self) -> int:
        """1-based."""
        ...


Retrieve = Callable[[str], Sequence[Ranked]]


def run_retrieval(
    questions: Sequence[Question], store: Store, ablation: bool = False
) -> dict[str, Any]:
    """Rank the store's pages for every answerable question whose document it holds; see
    `score_retrieval` for what is returned. With `ablation` also "without": {technique: the same
    without it}. Raises EvaluationError where the store holds none."""
    from tqdm import tqdm

    from index.retrieve import Technique, retrieve

    held = {document.name for document in store.documents()}
    asked = [q for q in questions if q.right_docs & held]
    if not asked:
        raise EvaluationError(
            f"the store {store.path} holds no document of these questions; add them with "
            "`tenq index add`"
        )
    retrieve(store, asked[0].question, 1)  # loads the embedder and the vectors
    result = score_retrieval(
        tqdm(asked, desc="retrieval", unit="question"),
        lambda question: retrieve(store, question, _TOP_K),
    )
    without = {
        technique: score_retrieval(
            tqdm(asked, desc=f"without {technique}", unit="question"),
            lambda question, left_out=technique: retrieve(  # type: ignore[misc]
                store, question, _TOP_K, (left_out,)
            ),
        )
        for technique in (get_args(Technique) if ablation else ())
    }
    return {
        **result,
        **({"without": without} if ablation else {}),
        "skipped": {
            "unanswerable": sum(not q.answerable for q in questions),
            "document_not_in_store": sum(
                q.answerable and not q.right_docs & held for q in questions
            ),
        },
    }


def score_retrieval(questions: Iterable[Question], retrieve: Retrieve) -> dict[str, Any]:
    """{"n", "doc_hit@1", "page_hit@1|3|5|10", "mrr", "search_ms", "ci",
    "per_question"}.

    `mrr` is the mean of 1 / rank of the first gold page among all pages retrieved (0: not among
    them); `ci` gives each hit rate's 95% Wilson interval.
    """
    rows, milliseconds = [], []
    for question in questions:
        start = time.perf_counter()
        found = retrieve(question.question)
        milliseconds.append(1000 * (time.perf_counter() - start))
        rows.append(_row(question, found))
    n = len(rows)
    hits = {"doc_hit@1": sum(row["doc_hit@1"] for row in rows)}
    for k in CUTOFFS:
        hits[f"page_hit@{k}"] = sum(row["rank"] is not None and row["rank"] <= k for row in rows)
    rates = {name: wilson(count, n) for name, count in hits.items()}
    return {
        "n": n,
        **{name: rate.value for name, rate in rates.items()},
        "mrr": sum(1 / row["rank"] for row in rows if row["rank"]) / n if n else None,
        "search_ms": {f"p{p}": percentile(milliseconds, p) for p in (50, 95)},
        "ci": {name: [rate.ci_low, rate.ci_high] for name, rate in rates.items()},
        "per_question": rows,
    }


def ranked_pages(hits: Iterable[Ranked]) -> list[tuple[str, int]]:
    """(document, page) in order of their first hit."""
    return list(dict.fromkeys((hit.doc, hit.page) for hit in hits))


def _row(question: Question, hits: Sequence[Ranked]) -> dict[str, Any]:
    pages = ranked_pages(hits)
    ranks = [rank for rank, page in enumerate(pages, 1) if page in question.right_pages]
    return {
        "id": question.id,
        "type": question.type,
        "doc_hit@1": bool(pages) and pages[0][0] in question.right_docs,
        "rank": ranks[0] if ranks else None,
        "top": [list(page) for page in pages[:5]],
    }
