"""Inline XBRL as filers write it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from index.facts import Fact
from index.html import read_html
from index.xbrl import FIRST_MARK

HEAD = """<ix:header><ix:hidden>{hidden}</ix:hidden><ix:resources>
<xbrli:context id="y24"><xbrli:period><xbrli:startDate>2024-01-01</xbrli:startDate>
<xbrli:endDate>2024-12-31</xbrli:endDate></xbrli:period></xbrli:context>
<xbrli:context id="i24"><xbrli:period><xbrli:instant>2024-12-31</xbrli:instant></xbrli:period>
</xbrli:context>
<xbrli:context id="mid"><xbrli:period><xbrli:instant>2025-01-01T00:00:00</xbrli:instant>
</xbrli:period></xbrli:context>
<xbrli:context id="part"><xbrli:entity><xbrli:segment>
<xbrldi:explicitMember dimension="us-gaap:SegmentsAxis">q:MillsMember</xbrldi:explicitMember>
</xbrli:segment></xbrli:entity><xbrli:period><xbrli:instant>2024-12-31</xbrli:instant>
</xbrli:period></xbrli:context>
<xbrli:unit id="u"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>
<xbrli:unit id="ps"><xbrli:divide><xbrli:unitNumerator><xbrli:measure>iso4217:USD</xbrli:measure>
</xbrli:unitNumerator><xbrli:unitDenominator><xbrli:measure>xbrli:shares</xbrli:measure>
</xbrli:unitDenominator></xbrli:divide></xbrli:unit>
</ix:resources></ix:header>"""


def tag(text: str, name: str = "us-gaap:Assets", context: str = "i24", **more: str) -> str:
    given = {"unitref": "u", "scale": "6", "format": "ixt:num-dot-decimal"} | more
    attributes = " ".join(f'{key}="{value}"' for key, value in given.items())
    return (
        f'<ix:nonFraction name="{name}" contextRef="{context}" {attributes}>{text}</ix:nonFraction>'
    )


def facts_of(body: str, hidden: str = "") -> list[Fact]:
    return read_html(f"<html><body>{HEAD.format(hidden=hidden)}{body}</body></html>").facts


def row(label: str, *cells: str) -> str:
    return f"<table><tr><td>{label}</td>{''.join(f'<td>{c}</td>' for c in cells)}</tr></table>"


def test_a_row() -> None:
    (fact,) = facts_of(row("Total assets", "$", tag("1,284.5")))
    assert (fact.label, fact.concept, fact.value) == ("Total assets", "Assets", 1_284_500_000)
    assert (fact.unit, fact.scale, fact.shown) == ("USD", 6, "1,284.5")
    assert (fact.start, fact.end, fact.page) == (None, date(2024, 12, 31), 1)


def test_signs_zeros_and_commas() -> None:
    found = facts_of(
        row("Loss", "(", tag("7", sign="-"), ")")
        + row("Nil", tag("—", format="ixt:fixed-zero"))
        + row("Euro style", tag("1.284,5", format="ixt:num-comma-decimal", scale="0"))
        + row("Per share", tag("2.05", unitref="ps", scale="0"))
        + row("In words", tag("two", format="ixt-sec:numwordsen"))
    )
    assert [fact.value for fact in found] == [-7_000_000, 0, Decimal("1284.5"), Decimal("2.05")]
    assert found[-1].unit == "USD/shares"


def test_dimensions_and_midnight() -> None:
    part, midnight = facts_of(row("Mills", tag("3", context="part"), tag("4", context="mid")))
    assert part.dimensions == ("SegmentsAxis=MillsMember",)
    assert midnight.end == date(2024, 12, 31)


def test_a_hidden_name_counts_where_the_number_is_shown() -> None:
    both = {"unitref": "ps", "scale": "0", "context": "y24"}
    hidden = tag("2.05", "us-gaap:EarningsPerShareDiluted", **both)
    shown = row("Net income per share", tag("2.05", "us-gaap:EarningsPerShareBasic", **both))
    concepts = {fact.concept for fact in facts_of(shown, hidden)}
    assert concepts == {"EarningsPerShareBasic", "EarningsPerShareDiluted"}
    assert not facts_of("<p>Nothing here</p>", hidden)


def test_what_cannot_be_seen_is_no_fact() -> None:
    assert not facts_of(f'<div style="display:none">{row("Total assets", tag("9"))}</div>')
    assert not facts_of(row("No context", tag("9", context="nowhere")))
    assert not facts_of(row("No unit", tag("9", unitref="nowhere")))


def test_marks_never_reach_the_text_and_cannot_be_forged() -> None:
    forged = chr(FIRST_MARK) + f"&#{FIRST_MARK + 1};"
    page = read_html(f"<html><body>{HEAD}{row(forged + 'Total assets', tag('5'))}</body></html>")
    assert "".join(page.pages) == "Total assets  5"
    (fact,) = page.facts
    assert fact.label == "Total assets"


def test_numbers_in_sentences_have_no_row_label() -> None:
    (fact,) = facts_of(f"<p>Assets grew to ${tag('5')} million in the year.</p>")
    assert fact.label == ""


@given(st.text(max_size=30), st.sampled_from(["scale", "sign", "format", "unitref"]))
def test_wild_attributes_break_nothing(text: str, key: str) -> None:
    clean = text.replace('"', "").replace("<", "").replace("&", "")
    facts_of(row("Total assets", tag("12", **{key: clean})))
    facts_of(row("Total assets", tag(clean)))
