"""What quantizing costs, as Markdown: distances from the full model, schemes, calibration texts."""

from __future__ import annotations

from typing import Any

from eval.report import between, number, peak_memory, percent, table


def fidelity_markdown(result: dict[str, Any]) -> str:
    """Of `eval.fidelity`: the model beside the floor, in llama.cpp's terms, and a second model
    where there is one."""
    floor = result["floor"]
    parts_of = [result, *result["beside"], floor]

    def row(name: str, key: str, show: Any = number, within: str | None = None) -> list[str]:
        cells = [part[within][key] if within else part[key] for part in parts_of]
        return [name, *(show(value) for value in cells)]

    def interval(name: str, key: str, show: Any, value: str = "value") -> list[str]:
        cells = [
            f"{show(part[key][value])} ({between(part[key]['ci_low'], part[key]['ci_high'], show)})"
            for part in parts_of
        ]
        return [name, *cells]

    def fine(value: float) -> str:
        return number(value, 4)

    def greedy(part: dict[str, Any]) -> str:
        found = part["greedy"]
        first = number(found["first_difference_median"], 0)
        return f"{found['same_throughout']} of {found['prompts']}, median {first}"

    rows = [
        row("PPL full", "ppl_full", fine),
        row("PPL", "ppl", fine),
        interval("PPL ratio", "ppl_ratio", fine),
        interval("ln PPL ratio", "ln_ppl_ratio", fine),
        row("correlation of ln PPL", "correlation_ln_ppl", fine),
        interval("KLD mean", "kld", fine, "mean"),
        *(
            row(f"KLD {key}", key, fine, "kld")
            for key in ("p50", "p90", "p95", "p99", "p99.9", "max")
        ),
        interval("same top token", "same_top", percent),
        row("RMS Δp", "rms_dp", percent),
        *(row(f"Δp {key}", key, percent, "dp") for key in result["dp"]),
        [
            f"greedy, same for {result['greedy']['tokens']} tokens; first difference",
            *(greedy(part) for part in parts_of),
        ],
    ]
    parts = [
        "# Fidelity",
        f"{result['model']} against {result['full']} on {result['texts']}: {result['n_tokens']} "
        f"tokens, the second halves of {result['windows']} windows of {result['window_tokens']}. "
        "In brackets 95% intervals over windows.",
        table(["", *(part["model"] for part in parts_of[:-1]), f"floor: {floor['model']}"], rows),
        *_saved_lines(result),
        *(f"- Note: {note}" for note in result["notes"]),
    ]
    return "\n\n".join(parts)


def _saved_lines(result: dict[str, Any]) -> list[str]:
    """What the first model saves of the others' divergence, in words."""
    lines = []
    for other in result["beside"]:
        saved = other["kld_saved"]
        within = between(saved["ci_low"], saved["ci_high"], percent)
        lines.append(
            f"- KL divergence of {result['model']} is {percent(saved['value'])} below that of "
            f"{other['model']} (95% interval {within}, paired over the windows)."
        )
    return lines


def auto_markdown(result: dict[str, Any]) -> str:
    """Of `eval.auto`: one row a scheme, the full model last, and the choice with its doubts."""
    from eval.auto import verdict

    rows = []
    for row in result["rows"]:
        if "error" in row and "bytes" not in row:
            rows.append([row["scheme"], row["error"], *[""] * 7])
            continue
        r, kld = row["recovery"], row["kld"]
        within = between(kld["ci_low"], kld["ci_high"], lambda value: number(value, 4))
        rows.append(
            [
                f"**{row['scheme']}**" if row["scheme"] == result["chosen"] else row["scheme"],
                number(row["bytes"] / 1e6, 0),
                f"{number(kld['mean'], 4)} ({within})",
                str(row["correct"]),
                f"{percent(r['value'])} ({between(r['ci_low'], r['ci_high'], percent)})",
                *_timed(row),
            ]
        )
    full = result["full"]
    name = "**full**" if result["chosen"] == "full" else "full"
    size = number(full["bytes"] / 1e6, 0)
    rows.append([name, size, "0", str(full["correct"]), "100%", *_timed(full)])
    heads = "scheme,MB,KL divergence,right,right answers kept,prefill tok/s,decode tok/s,answer s"
    return "\n\n".join(
        [
            "# Schemes",
            f"{result['model']}, {result['questions']} lookup questions with their passages; "
            "95% intervals in brackets.",
            table([*heads.split(","), "peak memory MB"], rows),
            verdict(result),
            *(f"- Note: {note}" for note in result["notes"]),
        ]
    )


def ablation_markdown(result: dict[str, Any]) -> str:
    """Of `eval.ablation`."""

    def within(part: dict[str, Any] | None, key: str, show: Any) -> str:
        if not part:
            return "–"
        return f"{show(part[key])} ({between(part['ci_low'], part['ci_high'], show)})"

    asked = any("recovery" in row for row in result["rows"])
    rows = [
        [
            row["texts"],
            within(row["kld"], "mean", lambda value: number(value, 4)),
            within(row["kld_saved"], "value", percent),
            within(row["same_top"], "value", percent),
            *([within(row["recovery"], "value", percent), _paired(row["paired"])] if asked else []),
        ]
        for row in result["rows"]
    ]
    more = ["right answers kept", "filings answer more rightly"] if asked else []
    heads = ["calibrated on", "KL divergence", "filings save", "same top token"]
    return "\n\n".join(
        [
            "# Calibration texts",
            f"{result['scheme']} of {result['model']}, {result['samples']} texts of together "
            f"{result['tokens']:,} tokens; measured on {result['n_tokens']:,} held-out tokens, "
            "95% intervals over windows in brackets.",
            table([*heads, *more], rows),
            *(f"- Note: {note}" for note in result["notes"]),
        ]
    )


def _paired(part: dict[str, Any] | None) -> str:
    """By how much of the questions, and the exact McNemar test."""
    if not part:
        return "–"
    more = part["difference"]
    interval = between(more["ci_low"], more["ci_high"])
    flips = f"{part['lost']} lost, {part['gained']} gained"
    p = f"McNemar p = {part['mcnemar_p']:.3f}"
    return f"{percent(more['value'])} ({interval}; {flips}, {p})"


def _timed(row: dict[str, Any]) -> list[str]:
    cells = (("prefill_tok_s", 0), ("decode_tok_s", 1), ("answer_s", 2))
    return [*(number(row.get(key), places) for key, places in cells), peak_memory(row)]
