"""ARITHMETIC A MODEL WROTE -> the same with exact results: "(532.0 - 470.0) / 470.0 * 100% = 17.8%"
becomes "... = 13.2%". A small model picks the rows and writes the formula well, and works it out
badly; so what it wrote is read, and every result of plain numbers is calculated here.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.errors import FigureError
from assistant.figures.formula import Node, Operation, parse_formula
from assistant.figures.formula import Number as Constant
from assistant.numbers import Number, numbers

# Every stretch of blanks is possessive or bounded: time grows with the text's length only.
_AMOUNT = (
    r"(?<![\d.,])[-−]?(?:(?:US)?[$€£][ ]?)?[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?![\d,]*\d)[ ]?%?"
    r"(?:[ ]?(?:thousand|million|billion|trillion|mn|bn)\b)?"
)
_SIGN = r"(?:[-+*/−–×÷]|(?<=\s)x(?=\s))"
_EQUALS = r"[=≈≅]\s*+(?:approximately\s|about\s|~)?\s*+"
_EQUAL = re.compile(rf"\s{{0,3}}{_EQUALS}", re.I)
_EXPRESSION = re.compile(
    rf"(?P<sum>[(\s]*+{_AMOUNT}[)\s]*+(?:{_SIGN}[(\s]*+{_AMOUNT}[)\s]*+){{1,40}}+){_EQUALS}", re.I
)
_ASIDE = re.compile(rf"(?P<told>{_AMOUNT})\s{{1,3}}\((?=[(\d$€£−-])", re.I)
_PLAIN = re.compile(rf"(?:{_AMOUNT}|{_SIGN}|[()\s]){{1,120}}+", re.I)
_RESULT = re.compile(rf"(?:\({_AMOUNT}\)|{_AMOUNT})(?![)\s]{{0,3}}{_SIGN}\s{{0,3}}[(\d$€£])", re.I)
_DIGITS = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_SPELT = str.maketrans({"−": "-", "–": "-", "×": "*", "÷": "/", "x": "*", "X": "*"})
_SCALE_WORD = re.compile(r"\b(?:thousand|million|billion|trillion|mn|bn)\b", re.I)
_DATE = re.compile(r"\b\d{1,2}/\d{1,2}/(?:\d\d){1,2}\b|\b(?:19|20)\d\d[-–]\d\d(?:\d\d)?\b")
_YEAR = re.compile(r"^\W*(?:19|20)\d\d$")
_LONGEST = 400
_ROUNDING = Decimal("0.51")
_FALL = re.compile(
    r"\b(?:decreas|declin|fell|fall|drop|lower|down|loss|reduc|less)\w*\b[^.;]*$", re.I
)
_LARGEST = Decimal(10) ** 16
_FINEST = 6  # decimal places a result is given with at most
# What a formula may hold that no filing states: parts of a mean, months, days, percent, scales.
_CONSTANTS = {Decimal(n) for n in (*range(1, 13), 100, 360, 365, 366, 1000, 10**6, 10**9)}

_LATEX = (
    (re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}"), r"(\1) / (\2)"),
    (re.compile(r"\\(?:text|mathrm|mathbf|boxed)\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\times\b|\\cdot\b"), "×"),
    (re.compile(r"\\approx\b"), "≈"),
    (re.compile(r"\\left|\\right|\\[\[\]()]|\\[,;!]"), ""),
    (re.compile(r"\\([%$&#_])"), r"\1"),
)


@dataclass(frozen=True)
class Result:
    """A result as it is now stated, and the amounts it was calculated from, as written and without
    sign."""

    value: Decimal
    inputs: tuple[Decimal, ...]


@dataclass(frozen=True)
class Worked:
    """The text with exact results, what was changed ("17.8%", "13.2%"), and every result."""

    text: str
    changed: tuple[tuple[str, str], ...] = ()
    results: tuple[Result, ...] = ()


def plain_math(text: str) -> str:
    """LaTeX as plain text: "\\frac{a}{b} \\times 100\\%" as "(a) / (b) × 100%"."""
    if "\\" not in text:
        return text
    for pattern, plain in _LATEX:
        text = pattern.sub(plain, text)
    return text


def worked_out(text: str, printed: Container[Decimal] = ()) -> Worked:
    """`text` with the result of every sum, difference, product and quotient of plain numbers
    calculated: kept where it is right as rounded, else replaced, wherever the answer repeats it
    (before the calculation only where it is no amount that is `printed` in the evidence). Results
    that rest on others rest on the exact ones."""
    text, changed, results = _aside(text, printed)
    exact: dict[Decimal, Decimal] = {}
    at = 0
    first: tuple[Decimal, tuple[Decimal, ...]] | None = None
    while found := _EXPRESSION.search(text, at):
        at = found.end()
        written = _written(found["sum"])
        first = first or (_valued(written, exact) if written else None)
        told = _RESULT.match(text, at)
        if told is None and _EXPRESSION.match(text, at):
            continue  # a = b = c: worked out from the first, whose inputs are least rounded
        while told and written and first:
            stated = numbers(told[0])[0]
            true = _as_stated(first[0], stated, written)
            if true is None:
                break
            new, at = told[0], told.end()
            if not _near(true, stated):
                new = _restated(told[0], true, stated)
                text, at = _replaced(text, told.span(), new, printed)
                changed.append((told[0].strip(), new.strip()))
            now = abs(numbers(new)[0].value)
            exact[now] = abs(true)
            results.append(Result(now, first[1]))
            again = _EQUAL.match(text, at)
            told = _RESULT.match(text, again.end()) if again else None
        first = None
    return Worked(text, tuple(changed), tuple(results))


def _aside(
    text: str, printed: Container[Decimal]
) -> tuple[str, list[tuple[str, str]], list[Result]]:
    """The same for results that come before their calculation: "415,000 (4,314,005 - 4,730,434)".
    What is in brackets is another thing where one is in percent and the other no quotient."""
    changed: list[tuple[str, str]] = []
    results: list[Result] = []
    at = 0
    while found := _ASIDE.search(text, at):
        at = found.end()
        content = _PLAIN.match(text, at - 1)
        closed = (_closed(content[0]) if content else None) or ""
        written = _written(closed)
        valued = _valued(written, {}) if written else None
        stated = numbers(found["told"])[0]
        if not written or not valued or len(valued[1]) < 2 or stated.percent != ("/" in closed):
            continue
        true = _as_stated(valued[0], stated, written)
        if true is None:
            continue
        new, at = found["told"], found.end("told")
        if not _near(true, stated):
            new = _restated(found["told"], true, stated)
            text, at = _replaced(text, found.span("told"), new, printed)
            changed.append((found["told"].strip(), new.strip()))
        results.append(Result(abs(numbers(new)[0].value), valued[1]))
    return text, changed, results


def _closed(text: str) -> str | None:
    """What stands in the bracket that `text` begins with; None where it is not closed."""
    depth = 0
    for n, sign in enumerate(text[:_LONGEST]):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return text[1:n]
    return None


def follow(results: Sequence[Result], known: set[Decimal]) -> set[Decimal]:
    """Of the results, those calculated from `known` amounts, from each other and from constants of
    formulas: their values without sign; with the constants that they used."""
    firm: set[Decimal] = set()
    for result in results:
        if all(part in known | firm | _CONSTANTS for part in result.inputs):
            firm |= {result.value} | (set(result.inputs) & _CONSTANTS)
    return firm


@dataclass(frozen=True)
class _Written:
    text: str
    tree: Node
    scales: frozenset[str]
    hundred: bool  # whether it multiplies by 100, for percent
    percents: bool  # whether another part is in percent


def _written(text: str) -> _Written | None:
    """The expression, without brackets of the sentence around it; None where it is none."""
    text = text.strip()
    while text.count("(") > text.count(")") and text.startswith("("):
        text = text[1:].lstrip()
    while text.count(")") > text.count("(") and text.endswith(")"):
        text = text[:-1].rstrip()
    if len(text) > _LONGEST:
        return None
    scales = frozenset(word.lower() for word in _SCALE_WORD.findall(text))
    bare = _SCALE_WORD.sub("", text).translate(_SPELT)
    bare = re.sub(r"(?:US)?[$€£]|(?<=\d),(?=\d{3})", "", bare, flags=re.I)
    hundred = bool(re.search(r"\*\s*100\b\s*%?|(?<![\d.])100\s*%?\s*\*", bare))
    percents = "%" in re.sub(r"(?<![\d.,])100\s*%", "", bare)
    bare = " ".join(re.sub(r"(?<![\d.])0+(?=\d)", "", bare.replace("%", "")).split())
    try:
        return _Written(text, parse_formula(bare), scales, hundred, percents)
    except (FigureError, RecursionError, MemoryError):
        return None


def _valued(
    written: _Written, exact: Mapping[Decimal, Decimal]
) -> tuple[Decimal, tuple[Decimal, ...]] | None:
    """The value and the amounts it comes from, without sign; None where it cannot be had."""
    inputs = numbers(written.text)
    if all(_YEAR.search(n.text) for n in inputs) or _DATE.search(written.text):
        return None
    try:
        return _evaluated(written.tree, exact), tuple(abs(n.value) for n in inputs)
    except (decimal.DecimalException, RecursionError):
        return None


def _evaluated(node: Node, exact: Mapping[Decimal, Decimal]) -> Decimal:
    match node:
        case Constant(value=value):
            return value if value in _CONSTANTS else exact.get(value, value)
        case Operation(sign=sign, left=left, right=right):
            a, b = _evaluated(left, exact), _evaluated(right, exact)
            match sign:
                case "+":
                    return a + b
                case "-":
                    return a - b
                case "*":
                    return a * b
                case "/":
                    return a / b
    raise decimal.InvalidOperation


def _as_stated(value: Decimal, stated: Number, written: _Written) -> Decimal | None:
    """The value in the unit of the stated result; None where it is not sure which that is."""
    if len(written.scales) > 1 or (written.percents and "*" in written.text):
        return None
    if abs(value) >= _LARGEST:
        return None
    if written.scales and stated.scale:
        (word,) = written.scales
        value = value.scaleb(numbers(f"1 {word}")[0].scale - stated.scale)
    if stated.percent and not written.hundred and not written.percents:
        return value * 100
    if written.hundred and not stated.percent and _near(value / 100, stated):
        return value / 100
    return value


def _near(value: Decimal, stated: Number) -> bool:
    return abs(abs(value) - abs(stated.value)) <= _ROUNDING.scaleb(-stated.decimals)


def _restated(said: str, value: Decimal, stated: Number) -> str:
    """The result as it was written, with other digits."""
    places = stated.decimals
    while places < _FINEST and value and not round(value, places):
        places += 1
    digits = f"{abs(value.quantize(Decimal(1).scaleb(-places), decimal.ROUND_HALF_UP)):,.{places}f}"
    bare = re.sub(r"[-−()]", "", said)
    sign = "-" if value < 0 else ""
    return sign + _DIGITS.sub(digits, bare, count=1)


def _replaced(
    text: str, span: tuple[int, int], new: str, printed: Container[Decimal]
) -> tuple[str, int]:
    """The text with the result replaced, there and where it is repeated; and where to go on."""
    before, said, after = text[: span[0]], text[slice(*span)], text[span[1] :]
    old = numbers(said)[0]
    if abs(old.value) not in printed:
        before = _repeated(before, old, new)
    return before + new + _repeated(after, old, new), len(before) + len(new)


def _repeated(text: str, old: Number, new: str) -> str:
    """With the digits of `new` where `old` stands, and its sign unless words tell it; a small whole
    number may be anything else and stays."""
    if old.is_year or not (old.percent or old.decimals or abs(old.value) >= 100):
        return text
    digits = _DIGITS.search(new)
    turned = numbers(new)[0].value < 0 <= old.value
    pieces, at = [], 0
    for n in numbers(text):
        written = _DIGITS.match(text, n.start)
        if digits and written and _same(n, old):
            before = text[at : n.start]
            if turned and not _FALL.search(before[-60:]):
                before = re.sub(r"((?:US)?[$€£]?\s?)$", r"-\1", before, count=1)
            pieces += [before, digits[0]]
            at = written.end()
    return "".join(pieces) + text[at:]


def _same(one: Number, other: Number) -> bool:
    return (abs(one.value), one.decimals, one.percent, one.times) == (
        abs(other.value),
        other.decimals,
        other.percent,
        other.times,
    )
