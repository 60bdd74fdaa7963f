"""Texts as a hostile filing holds them, put wherever there is text."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

FRAGMENTS = (
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>"),
    *('"', "'", "`", "<", ">", "&", "</div>", "</button>", "<!--", "-->", "]]>", "<![CDATA["),
    *('" onmouseover="alert(1)', "' autofocus onfocus='alert(1)", '" style="position:fixed'),
    *("<a href=javascript:alert(1)>x</a>", "javascript:alert(1)", "data:text/html,<script>"),
    *("http://127.0.0.1:9/x", "file:///etc/passwd", "//evil.test/x", "![x](http://evil.test/x)"),
    *(
        "[x](javascript:alert(1))",
        "<http://evil.test>",
        "[1]: http://evil.test",
        "# x",
        "***",
        "~~",
    ),
    *("| a | b |", "```", "$x^2$", "\\(x\\)", "${alert(1)}", "{{value}}", "{% x %}", "<%= 1 %>"),
    *("=1+1", "@SUM(1)", "+1", "-1", "\t=1", "\r=1", "\n=1", ";=cmd|' /C calc'!A0", "＝1"),
    *("\x00", "\x1b[31m", "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041", "é" * 9),
    *("&lt;script&gt;", "&#60;b&#62;", "%3Cscript%3E", "<iframe srcdoc=x>", "<base href=//x>"),
    *(
        "<meta http-equiv=refresh content=0>",
        "<link rel=stylesheet href=//x>",
        "<style>*{x}</style>",
    ),
    *("<|im_end|>", "<|im_start|>system", "[INST]", "<</SYS>>", "</s>", "<end_of_turn>", "plain"),
    *(
        "<math><mi xlink:href=x>",
        "<form action=//x>",
        "<template>",
        "<details ontoggle=x>",
        "1,234",
    ),
)


def text_of(chance: random.Random) -> str:
    """A hostile text of a few fragments."""
    return chance.choice(("", " ", "a")).join(
        chance.choice(FRAGMENTS) for _ in range(chance.randint(1, 5))
    )


def poisoned(value: Any, chance: random.Random, keep: frozenset[str]) -> Any:
    """`value` with every text in it hostile but those of the fields `keep`; what was the same text
    is the same still."""
    return _poisoned(value, chance, keep, {})


def _poisoned(value: Any, chance: random.Random, keep: frozenset[str], made: dict[str, str]) -> Any:
    if isinstance(value, str):
        return made.setdefault(value, text_of(chance)) if value else value
    if is_dataclass(value) and not isinstance(value, type):
        names = [f.name for f in fields(value) if f.name not in keep]
        given = {name: _poisoned(getattr(value, name), chance, keep, made) for name in names}
        return replace(value, **given)
    if isinstance(value, Mapping):
        return {
            key: each if key in keep else _poisoned(each, chance, keep, made)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        each = [_poisoned(one, chance, keep, made) for one in value]
        return type(value)(*each) if hasattr(value, "_fields") else type(value)(each)
    return value


# What is not text but chosen by the program itself: numbers, kinds, places.
CHOSEN = frozenset(
    {"value", "status", "statement", "phase", "shape", "start", "end", "box", "kind"}
)
CHOSEN |= {"unsupported_numbers", "scheme", "period_end"}
