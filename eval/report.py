"""The results as Markdown, for people. Every rate comes with its n or its interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eval.stages import STAGES

_WEAK_BELOW = 0.75  # Cohen's kappa, of automatic grades and people
SPEED_HEAD = (
    *(
        "model",
        "prefill tok/s",
        "decode tok/s",
        "of bandwidth",
        "first token s",
        "answer s",
        "follow-up s",
    ),
    *("load s", "peak memory MB", "disk MB", "tokens"),
)


def retrieval_markdown(result: dict[str, Any]) -> str:
    """Of `eval.retrieval`."""
    rows = [
        [name, percent(result[name]), between(*interval)] for name, interval in result["ci"].items()
    ]
    rows.append(["mrr", number(result["mrr"], 3), ""])
    rows += [[f"search {p}, ms", number(ms, 0), ""] for p, ms in result["search_ms"].items()]
    return "\n\n".join(
        [
            "# Retrieval",
            f"{result['n']} questions." + _skipped(result.get("skipped")),
            table(["measure", "value", "95% interval"], rows),
            *_ablation(result),
        ]
    )


def _ablation(result: dict[str, Any]) -> list[str]:
    """What is found without each technique, and how many questions its lack costs and gains."""
    if "without" not in result:
        return []
    names = ("doc_hit@1", "page_hit@1", "page_hit@5")
    ranks = [row["rank"] for row in result["per_question"]]
    rows = [["everything", *(percent(result[name]) for name in names), "", ""]]
    for technique, found in result["without"].items():
        pairs = list(zip(ranks, (row["rank"] for row in found["per_question"]), strict=True))
        among = [(bool(a and a <= 5), bool(b and b <= 5)) for a, b in pairs]
        lost, gained = (str(among.count(pair)) for pair in ((True, False), (False, True)))
        rows.append([technique, *(percent(found[name]) for name in names), lost, gained])
    return [table(["without", *names, "lost of page_hit@5", "gained"], rows)]


def facts_markdown(result: dict[str, Any]) -> str:
    """Of `eval.facts`."""
    rows = [[row["doc"], str(row["n"]), str(row["found"])] for row in result["per_document"]]
    lost = [f"- {row['doc']}: {each}" for row in result["per_document"] for each in row["missing"]]
    return "\n\n".join(
        [
            "# Facts",
            f"{result['found']:,} of {result['n']:,} known amounts are found by concept and "
            f"period, exactly: {percent(result['share'])} ({between(*result['ci'])})."
            + not_in_store(result),
            table(["filing", "known", "found"], rows),
            *(["Not found:\n\n" + "\n".join(lost)] if lost else []),
        ]
    )


def not_in_store(result: Mapping[str, Any]) -> str:
    """How many filings were left out because the store lacks them; "" where none were."""
    skipped = len(result["not_in_store"])
    left_out = "1 filing is" if skipped == 1 else f"{skipped} filings are"
    return f" {left_out} not in the store." if skipped else ""


def vectors_markdown(result: dict[str, Any]) -> str:
    """Of `eval.vectors`."""
    rows = [
        ["search p50, ms", number(result["search_ms"]["p50"], 1)],
        ["search p95, ms", number(result["search_ms"]["p95"], 1)],
        ["recall@10 of exact search", percent(result["recall@10"])],
        ["memory, MB", number(result["memory_mb"], 0)],
        ["disk, MB", number(result["disk_mb"], 0)],
        ["built in s", number(result["build_s"], 0)],
    ]
    said = (
        f"{result['vectors']:,} vectors of {result['dimension']} numbers, index "
        f"{result['factory']}, {result['queries']} queries."
    )
    return "\n\n".join(["# Vectors", said, table(["measure", "value"], rows)])


def answers_markdown(result: dict[str, Any]) -> str:
    """Of `eval.answers`, with the comparison where there is one."""
    other = result.get("compared_with")
    results = [result, other] if other else [result]
    parts = [
        "# Answers",
        f"{result['n']} questions, {result['evidence']} evidence."
        + (f" Without {', '.join(result['without'])}." if result["without"] else "")
        + _skipped(result["skipped"]),
        table(
            ["model", "correct", "wrong", "refused", "accuracy", "95% interval", "s p50", "s p95"],
            [_answer_row(each) for each in results],
        ),
    ]
    if other:
        parts += ["## What the first model lost", _loss(result)]
    parts += ["## By type", table(*_by_type(results))]
    parts += ["## Where wrong answers went wrong", table(*_stages(results))]
    parts += [_trust(result)]
    return "\n\n".join(parts)


def _trust(result: dict[str, Any]) -> str:
    """How far the first model's answers can be trusted where they are given."""
    calculated, cited = result["calculated"], result["cited"]
    lines = [
        f"- {calculated} answers come from the filings' own figures, without a model; "
        f"{result['calculated_wrong']} of them are wrong."
    ]
    numbers = result["numbers"]
    if numbers["n"]:
        lines.append(
            "- Numbers in answers that stand in the evidence or were calculated: "
            f"{numbers['k']} of {numbers['n']} ({percent(numbers['k'] / numbers['n'])})."
        )
    exact = result["exact_match"]
    if exact["n"]:
        lines.append(
            "- Exact match as TAT-QA counts it (answer and scale, to two decimals): "
            f"{exact['k']} of {exact['n']} ({percent(exact['k'] / exact['n'])})."
        )
    unsure = result["unsure"]
    if unsure["n"]:
        sure = result["wrong"] - unsure["wrong"]
        lines.append(
            f"- The model was unsure of {unsure['n']} answers, which say so: {unsure['correct']} "
            f"are right, {unsure['wrong']} wrong. Stated without doubt and wrong: {sure} of "
            f"{result['n']} ({percent(sure / result['n'])})."
        )
    if cited["n"]:
        share = percent(cited["k"] / cited["n"])
        lines.append(
            f"- {cited['k']} of the {cited['n']} right answers with a known page cite it ({share})."
        )
    return "\n".join(lines)


def speed_markdown(result: dict[str, Any]) -> str:
    """Of `eval.speed`."""
    machine = result["machine"]
    parts = [
        "# Speed",
        f"{result['prompt_tokens']}-token prompts, up to {result['new_tokens']} new tokens, "
        f"medians of {result['runs']} interleaved runs; {machine['cpu']}, "
        f"{machine['cores']} cores, {machine['memory_gb']} GB"
        f"{', ' + machine['gpu'] if machine.get('gpu') else ''}. Compare only within this table.",
        table(SPEED_HEAD, [speed_row(row) for row in result["rows"]]),
    ]
    rows = [
        [row["name"], row["against"], *times_as_fast(row), *times_as_fast(row, "followup")]
        for row in result["ratios"]
    ]
    if rows:
        heads = "model,against,times as fast,95% interval,follow-up,95% interval"
        parts.append(table(heads.split(","), rows))
    return "\n\n".join(parts)


def profile_markdown(result: dict[str, Any]) -> str:
    """Of `eval.profile`."""
    machine, prompt, token = result["machine"], result["prefill_s"], result["token_s"]
    rows = [
        [
            part["part"],
            number(part["prefill_s"]),
            percent(part["prefill_s"] / prompt),
            number(1000 * part["token_s"], 1),
            percent(part["token_s"] / token),
            *(number(part[key], 0) for key in ("mb", "gb_s")),
            percent(part["bandwidth_share"]),
        ]
        for part in result["parts"]
    ]
    heads = "part,prompt s,of it,ms a token,of it,weights MB,GB/s,of bandwidth"
    return "\n\n".join(
        [
            "# Profile",
            f"{result['model']} ({result['scheme']}): a prompt of {result['prompt_tokens']} tokens "
            f"read in {number(prompt)} s, then {result['new_tokens']} written at "
            f"{number(1000 * token, 1)} ms each; {machine['cpu']}, {machine['cores']} cores, "
            f"{machine['bandwidth_gb_s']:.0f} GB/s.",
            table(heads.split(","), rows),
        ]
    )


def load_markdown(result: dict[str, Any]) -> str:
    """Of `eval.load`."""
    each = result["answers_per_reader"]
    said = (
        f"{result['readers']} readers for {result['seconds']:.0f} s, each asking again once "
        f"answered: {result['answers']} answers ({result['by_model']} by the model, "
        f"{result['refused']} refused, {result['waited_in_line']} after a place in line), "
        f"{result['errors']} errors, {result['unfinished']} unfinished; "
        f"{result['answers_per_minute']:.1f} answers a minute, {each['least']} to {each['most']} "
        "a reader."
    )
    rows = [
        [name, str(part["n"])]
        + [number(part[key][p], 2) for key in ("first_s", "total_s") for p in ("p50", "p95")]
        for name, part in (("all", result["all"]), ("written by the model", result["model"]))
    ]
    heads = ["answers", "n", "first words p50, s", "p95", "whole answer p50, s", "p95"]
    errors = [[text, str(n)] for text, n in result["error_kinds"].items()]
    parts = ["# Load", said, table(heads, rows)]
    return "\n\n".join([*parts, table(["error", "times"], errors)] if errors else parts)


def agreement_markdown(result: dict[str, Any]) -> str:
    """Of `eval.agreement`."""
    rows = [
        [name, *_agreement(part)]
        for name, part in [("all", result["overall"]), *result["by_kind"].items()]
    ]
    by_eye = [name for name, part in result["by_kind"].items() if _is_weak(part)]
    labels = ["correct", "wrong", "refused"]
    confusion = [
        [label, *(str(result["confusion"][label][grade]) for grade in labels)] for label in labels
    ]
    check = (
        f"The automatic grade is weak (κ below {_WEAK_BELOW}) for {', '.join(by_eye)}: check these "
        "by eye."
    )
    return "\n\n".join(
        [
            "# Automatic grades against human labels",
            table(["kind", "n", "agreement", "Cohen's κ", "automatic grade"], rows),
            *([check] if by_eye else []),
            table(["human \\ grader", *labels], confusion),
        ]
    )


def _agreement(part: dict[str, Any]) -> list[str]:
    said = "weak" if _is_weak(part) else ""
    return [str(part["n"]), percent(part["agreement"]), number(part["kappa"], 3), said]


def _is_weak(part: dict[str, Any]) -> bool:
    return part["kappa"] is not None and part["kappa"] < _WEAK_BELOW


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others right-aligned."""
    lines = [list(head), ["---", *("---:" for _ in head[1:])], *map(list, rows)]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def percent(value: float | None) -> str:
    """0.1234 -> "12.3%"; "–" for what is not known."""
    return "–" if value is None else f"{100 * value:.1f}%"


def number(value: float | None, places: int = 2) -> str:
    """Fixed places; "–" for what is not known."""
    return "–" if value is None else f"{value:,.{places}f}"


def between(low: float | None, high: float | None, show: Any = percent) -> str:
    """An interval: "53.8% to 74.7%"."""
    return "–" if low is None else f"{show(low)} to {show(high)}"


def times_as_fast(row: dict[str, Any], what: str = "answer") -> list[str]:
    """The ratio of seconds turned over, of an answer or a follow-up."""
    low, middle, high = (row[what][key] for key in ("ci_low", "median", "ci_high"))
    return [number(1 / middle, 2), between(high and 1 / high, low and 1 / low, number)]


def _skipped(skipped: Any) -> str:
    """How many questions were left out, and why."""
    if isinstance(skipped, dict):
        parts = [f"{count} {name.replace('_', ' ')}" for name, count in skipped.items() if count]
        return f" Left out: {', '.join(parts)}." if parts else ""
    return f" {skipped} left out: no document or gold page of theirs is there." if skipped else ""


def _answer_row(result: dict[str, Any]) -> list[str]:
    accuracy = result["accuracy"]
    return [
        result["model"]["name"],
        *(str(result[grade]) for grade in ("correct", "wrong", "refused")),
        percent(accuracy["value"]),
        between(accuracy["ci_low"], accuracy["ci_high"]),
        number(result["seconds"]["p50"], 1),
        number(result["seconds"]["p95"], 1),
    ]


def _loss(result: dict[str, Any]) -> str:
    recovery, flips = result["recovery"], result["flips"]
    lines = [
        f"- Recovery {percent(recovery['value'])} of {result['compared_with']['model']['name']}'s "
        f"accuracy (95% interval {between(recovery['ci_low'], recovery['ci_high'])}, paired "
        "bootstrap over questions).",
        f"- {flips['lost']} answers lost, {flips['gained']} gained; exact McNemar p = "
        f"{result['mcnemar_p']:.3f}.",
        *(f"- Note: {note}" for note in result["notes"]),
    ]
    return "\n".join(lines)


def _by_type(results: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    head = ["type", "n", *(result["model"]["name"] for result in results)]
    rows = []
    for name, counts in results[0]["by_type"].items():
        values = [result["by_type"][name]["accuracy"]["value"] for result in results]
        rows.append([name, str(counts["n"]), *map(percent, values)])
    return head, rows


def _stages(results: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    head = ["stage", *(result["model"]["name"] for result in results)]
    rows = [
        [f"{stage}: {what}", *(str(result["stages"].get(stage, 0)) for result in results)]
        for stage, what in STAGES.items()
    ]
    return head, rows


def speed_row(row: dict[str, Any]) -> list[str]:
    """Under SPEED_HEAD; of a model that failed, why."""
    if "error" in row:
        return [row["name"], f"failed: {row['error']}", *[""] * 9]
    return [
        row["name"],
        number(row["prefill_tok_s"], 0),
        number(row["decode_tok_s"], 1),
        # Runs of an earlier version did not measure it.
        "–" if row.get("bandwidth_share") is None else f"{row['bandwidth_share']:.0%}",
        number(row["first_token_s"]),
        number(row["answer_s"]),
        _followup(row),
        number(row["load_s"], 1),
        peak_memory(row),
        number(row["disk_mb"], 0),
        f"{row['prompt_tokens']:.0f} + {row['completion_tokens']:.0f}",
    ]


def _followup(row: dict[str, Any]) -> str:
    """With its length where that is another than the answer's."""
    tokens = row.get("followup_tokens", row["completion_tokens"])
    other = f" ({tokens:.0f} tokens)" if tokens != row["completion_tokens"] else ""
    return number(row["followup_s"]) + other


def peak_memory(row: dict[str, Any]) -> str:
    """Megabytes, the GPU's apart."""
    main, gpu = number(row.get("peak_rss_mb"), 0), row.get("peak_gpu_mb")
    return main if gpu is None else f"{main} + {number(gpu, 0)} GPU"
