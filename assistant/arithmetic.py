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
    r"(?<![\d.,])[-−]?(?:(?:US)?[$€£][ ]?)?[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?![\d,.]*\d)[ ]?%?"
    r"(?:[ ]?(?:thousand|million|billion|trillion|mn|bn)\b)?"
)
_SIGN = r"(?:[-+*/−–×÷]|(?<=\s)x(?=\s))"
_EQUALS = r"[=≈≅]\s*+(?:approximately\s|about\s|~)?\s*+"
_EQUAL = re.compile(rf"\s{{0,3}}{_EQUALS}", re.I)
# What it is equal to may stand in the next line, under the same name.
_EXPRESSION = re.compile(
    rf"(?P<sum>[(\s]*+{_AMOUNT}[)\s]*+(?:{_SIGN}[(\s]*+{_AMOUNT}[)\s]*+){{1,40}}+)"
    rf"(?:(?:\d{{1,2}}\.\s)?(?P<again>[a-z][^\n=≈≅]{{2,80}}))?{_EQUALS}",
    re.I,
)
_MARK = re.compile(r"^\s*(?:\d{1,2}\.|[-*•])?\s*")
_ASIDE = re.compile(rf"(?P<told>{_AMOUNT})[ ]{{1,3}}\((?=[(\d$€£−-])", re.I)
_PLAIN = re.compile(rf"(?:{_AMOUNT}|{_SIGN}|[()\s]){{1,120}}+", re.I)
_RESULT = re.compile(rf"(?:\({_AMOUNT}\)|{_AMOUNT})(?![)\s]{{0,3}}{_SIGN}\s{{0,3}}[(\d$€£])", re.I)
_LONE = re.compile(rf"\((?=\s*[$€£\d])\s*({_AMOUNT})\s*\)", re.I)
_DIGITS = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_SPELT = str.maketrans({"−": "-", "–": "-", "×": "*", "÷": "/", "x": "*", "X": "*"})
_SCALE_WORD = re.compile(r"\b(?:thousand|million|billion|trillion|mn|bn)\b", re.I)
_DATE = re.compile(r"\b\d{1,2}/\d{1,2}/(?:\d\d){1,2}\b|\b(?:19|20)\d\d[-–]\d\d(?:\d\d)?\b")
_YEAR = re.compile(r"^\W*(?:19|20)\d\d$")
# What shows before an expression that it is a part of another: a sign, a power, an open bracket.
_WHOLE_BEFORE = re.compile(r"(?:^|[=≈≅:;\n]|\.\s)(?P<rest>[^=≈≅:;\n]*)$")
_PART = re.compile(r"(?:^|\s)(?:[-+*/×÷−–]|x)\s|[\^√*/×÷]\s*$|\^|\*\*|√|\bsqrt\b|\broot\b")
_OR_LESS = re.compile(r"\w+\s?/\s?\(\w+\)")  # "increase / (decrease)"
_SIGN_AFTER = re.compile(rf"\s{{0,3}}(?:{_SIGN}\s{{0,3}}[(\d$€£]|[=≈≅^])")
_FALL = re.compile(
    r"\b(?:decreas|declin|fell|fall|drop|lower|down|loss|reduc|less|differ)\w*\b[^.;]*$", re.I
)
_LONGEST = 400
_ROUNDING = Decimal("0.51")
_LARGEST = Decimal(10) ** 16
_FINEST = 6  # decimal places a result is given with at most
# A result that is further off is another thing, or its formula was not read right.
_SLIP, _SLIP_ASIDE = Decimal(5), Decimal("1.25")
_RESCALED = [Decimal(10) ** n for n in (2, 3, 4, 6, 9)]
# What a formula may hold that no filing states: parts of a mean, months, days, percent, scales.
_CONSTANTS = {Decimal(n) for n in (*range(1, 13), 100, 360, 365, 366, 1000, 10**6, 10**9)}

_LATEX = (
    (re.compile(r"\\[dt]?frac\{([^{}+*/-]*)\}\{([^{}+*/-]*)\}"), r"\1 / \2"),
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
    """The text with exact results, what was changed ("17.8%", "13.2%"), every result, and those
    that are wrong by so much that something else may have been meant (`wrong`, as written)."""

    text: str
    changed: tuple[tuple[str, str], ...] = ()
    results: tuple[Result, ...] = ()
    wrong: tuple[str, ...] = ()


def plain_math(text: str) -> str:
    """LaTeX as plain text: "\\frac{a}{b} \\times 100\\%" as "(a) / (b) × 100%"."""
    if "\\" not in text:
        return text
    for pattern, plain in _LATEX:
        text = pattern.sub(plain, text)
    return text


def worked_out(text: str, printed: Container[Decimal] = ()) -> Worked:
    """`text` with the results of sums, differences, products and quotients of plain numbers
    calculated: kept where they are right as rounded, in whatever unit; replaced where it is sure
    that they were meant and missed, also where the answer repeats them (but for amounts that are
    `printed` in the evidence); else left as they are. Results that rest on others rest on the exact
    ones."""
    text, changed, results = _aside(text, printed)
    exact: dict[Decimal, Decimal] = {}
    wrong: list[str] = []
    at = 0
    first: _Valued | None = None
    while found := _EXPRESSION.search(text, at):
        if found["again"] and not _is_named(text, found):
            at, first = found.end("sum"), None
            continue
        at = found.end()
        own = _valued(found["sum"], exact) if first or _is_whole(text, found.start()) else None
        first = first if first and own and _alike(first.value, own.value) else own
        told = _RESULT.match(text, at)
        if told is None and _EXPRESSION.match(text, at):
            continue  # a = b = c: worked out from the first, whose inputs are least rounded
        while told and first:
            judged = _judged(told[0], first, _SLIP)
            new, true = judged or (None, first.value)
            if new is None:
                wrong += [numbers(told[0])[0].text] if judged else []
                break
            at = told.end()
            if new != told[0]:
                text, at = _replaced(text, told.span(), found.start(), new, printed)
                changed.append((told[0].strip(), new.strip()))
            now = abs(numbers(new)[0].value)
            exact[now] = abs(true)
            results.append(Result(now, first.inputs))
            again = _EQUAL.match(text, at)
            told = _RESULT.match(text, again.end()) if again else None
        first = None
    return Worked(text, tuple(changed), tuple(results), tuple(wrong))


def _aside(
    text: str, printed: Container[Decimal]
) -> tuple[str, list[tuple[str, str]], list[Result]]:
    """The same for results that come before their calculation: "415,000 (4,314,005 - 4,730,434)".
    Ranges stand like that, too ("35 (30 - 40)"), so it has to be nearly right."""
    changed: list[tuple[str, str]] = []
    results: list[Result] = []
    at = 0
    while found := _ASIDE.search(text, at):
        at = found.end()
        content = _PLAIN.match(text, at - 1)
        closed = (_closed(content[0]) if content else None) or ""
        valued = _valued(closed, {})
        stated = numbers(found["told"])[0]
        if (
            not valued
            or len(valued.inputs) < 2
            or stated.percent != ("/" in closed)
            or abs(stated.value) in printed
            or abs(stated.value) in valued.inputs
            or _YEAR.search(stated.text)
            or _SIGN_AFTER.match(text, at + len(closed) + 1)
        ):
            continue
        judged = _judged(found["told"], valued, _SLIP_ASIDE)
        new, _ = judged or (None, valued.value)
        if new is None:
            continue
        at = found.end("told")
        if new != found["told"]:
            span = found.span("told")
            text, at = _replaced(text, span, span[0], new, printed)
            changed.append((found["told"].strip(), new.strip()))
        results.append(Result(abs(numbers(new)[0].value), valued.inputs))
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
        own = [part for part in result.inputs if part not in _CONSTANTS]
        told = known | firm
        if all(part in told for part in own) and any(part in told for part in result.inputs):
            firm |= {result.value} | (set(result.inputs) & _CONSTANTS)
    return firm


@dataclass(frozen=True)
class _Valued:
    """What an expression comes to, or would with lone amounts in brackets as negatives; its
    amounts without sign, and how it is written."""

    value: Decimal
    otherwise: Decimal | None
    inputs: tuple[Decimal, ...]
    scales: frozenset[str]
    hundred: bool  # whether it multiplies by 100, for percent
    percents: bool  # whether another part is in percent
    multiplies: bool


def _is_named(text: str, found: re.Match[str]) -> bool:
    """Whether the line before what an expression equals begins with the name that is repeated."""
    line = text[: found.start("sum")].rpartition("\n")[2]
    name = _MARK.sub("", line, count=1).rstrip(" =≈≅:")
    return "\n" in found["sum"] and name.lower() == found["again"].strip().lower()


def _is_whole(text: str, start: int) -> bool:
    """Whether what begins at `start` is an expression of its own, and no part of another."""
    line = text[max(0, start - _LONGEST) : start]
    found = _WHOLE_BEFORE.search(line)
    rest = _OR_LESS.sub(" ", found["rest"] if found else line)
    opened = rest.count("(") > rest.count(")")
    after_word = re.search(r"\w\s*$", rest) and re.match(r"\s*[-−–]\s", text[start:])
    return not (_PART.search(rest) or opened or after_word)


def _valued(text: str, exact: Mapping[Decimal, Decimal]) -> _Valued | None:
    """None where it is no expression, or cannot be worked out."""
    text = text.strip()
    while text.count("(") > text.count(")") and text.startswith("("):
        text = text[1:].lstrip()
    while text.count(")") > text.count("(") and text.endswith(")"):
        text = text[:-1].rstrip()
    inputs = numbers(text)
    if not inputs or len(text) > _LONGEST or _DATE.search(text):
        return None
    if all(_YEAR.search(n.text) for n in inputs):
        return None
    bare = _bare(text)
    try:
        value = _evaluated(parse_formula(_plain(bare)), exact)
        lone = _LONE.sub(r"(-\1)", text)
        otherwise = _evaluated(parse_formula(_plain(_bare(lone))), exact) if lone != text else None
    except (FigureError, RecursionError, MemoryError, decimal.DecimalException):
        return None
    if abs(value) >= _LARGEST:
        return None
    return _Valued(
        value,
        otherwise,
        tuple(abs(n.value) for n in inputs),
        frozenset(word.lower() for word in _SCALE_WORD.findall(text)),
        bool(re.search(r"\*\s*100\b\s*%?|(?<![\d.])100\s*%?\s*\*", bare)),
        "%" in re.sub(r"(?<![\d.,])100\s*%", "", bare),
        "*" in bare or "/" in bare,
    )


def _bare(text: str) -> str:
    """Without words of scale, currencies and commas, with plain signs."""
    bare = _SCALE_WORD.sub("", text).translate(_SPELT)
    return re.sub(r"(?:US)?[$€£]|(?<=\d),(?=\d{3})", "", bare, flags=re.I)


def _plain(bare: str) -> str:
    """As a formula is written: without percent signs and leading zeros."""
    return " ".join(re.sub(r"(?<![\d.])0+(?=\d)", "", bare.replace("%", "")).split())


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


def _alike(one: Decimal, other: Decimal) -> bool:
    """Whether two expressions come to the same but for rounding within them."""
    return abs(one - other) <= abs(one) * Decimal("0.02")


def _judged(said: str, valued: _Valued, slip: Decimal) -> tuple[str | None, Decimal] | None:
    """The result as it should be stated, and its exact value in that unit: as it was said where it
    is right in some reading, restated where it is off by no more than `slip` times, None where by
    more. Nothing where its unit leaves room."""
    stated = numbers(said)[0]
    if stated.decimals > 2 * _FINEST:
        return None
    value = _as_stated(valued, stated)
    readings = [valued.value] if valued.otherwise is None else [valued.value, valued.otherwise]
    if value is not None and _near(value, stated):
        return _signed(said, value, stated), value
    for reading in readings:
        for scaled in (
            reading,
            *(reading * k for k in _RESCALED),
            *(reading / k for k in _RESCALED),
        ):
            if (
                _near(scaled, stated)
                and _ROUNDING.scaleb(-stated.decimals) <= abs(stated.value) / 5
            ):
                return said, scaled
    if value is None or valued.otherwise is not None or not stated.value or not value:
        return None
    off = abs(value) / abs(stated.value)
    if not 1 / slip <= off <= slip:
        return None, value
    return _restated(said, value, stated), value


def _as_stated(valued: _Valued, stated: Number) -> Decimal | None:
    """The value in the unit of the stated result; None where it is not sure which that is."""
    value = valued.value
    if len(valued.scales) > 1 or (valued.percents and valued.multiplies):
        return None
    if bool(valued.scales) != bool(stated.scale) and valued.scales:
        return None
    if valued.scales and stated.scale:
        (word,) = valued.scales
        value = value.scaleb(numbers(f"1 {word}")[0].scale - stated.scale)
    if stated.percent and not valued.hundred and not valued.percents:
        return value * 100
    if valued.hundred and not stated.percent and _near(value / 100, stated):
        return value / 100
    return value


def _near(value: Decimal, stated: Number) -> bool:
    return abs(abs(value) - abs(stated.value)) <= _ROUNDING.scaleb(-stated.decimals)


def _signed(said: str, value: Decimal, stated: Number) -> str:
    """As it was said, with a minus where the value is negative and that was not told; the words
    around may tell it (`_replaced`)."""
    return (
        said if value >= 0 or stated.value <= 0 or "(" in said else _restated(said, value, stated)
    )


def _restated(said: str, value: Decimal, stated: Number) -> str:
    """The result as it was written, with other digits."""
    places = min(stated.decimals, _FINEST)
    while places < _FINEST and value and not round(value, places):
        places += 1
    digits = f"{abs(value.quantize(Decimal(1).scaleb(-places), decimal.ROUND_HALF_UP)):,.{places}f}"
    bare = re.sub(r"[-−()]", "", said)
    sign = "-" if value < 0 else ""
    return sign + _DIGITS.sub(digits, bare, count=1)


def _replaced(
    text: str, span: tuple[int, int], start: int, new: str, printed: Container[Decimal]
) -> tuple[str, int]:
    """The text with the result replaced, there and where it is repeated outside its calculation,
    which begins at `start`; and where to go on."""
    before, own, said, after = (
        text[:start],
        text[start : span[0]],
        text[slice(*span)],
        text[span[1] :],
    )
    old = numbers(said)[0]
    only_sign = abs(numbers(new)[0].value) == abs(old.value)
    if not only_sign and abs(old.value) not in printed:
        before, after = _repeated(before, old, new), _repeated(after, old, new)
    return before + own + new + after, len(before) + len(own) + len(new)


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
            if turned and not _FALL.search(text[max(0, n.start - 60) : n.start]):
                before = re.sub(r"(\s?)((?:US)?[$€£]?\s?)$", r"\1-\2", before, count=1)
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
