"""Dates and names in an answer that stand nowhere in the evidence."""

from __future__ import annotations

import time

import pytest

from assistant.ground import firm
from assistant.mentions import mentions, unknown_mentions
from tests.assistant.test_ground import PASSAGES

EVIDENCE = (
    "What did Larkmoor Mills file?",
    "Larkmoor Mills Inc 10-K LARKMOOR_2023 On March 3, 2023 the board named Jane Roe as Chair, "
    "in the U.S. The SEC was told. Year ended June 30,\n2023 2022\nNet sales 120 100",
)


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        ("On March 3, 2023 Jane Roe was named.", ()),
        ("On 3 March 2023 it was told.", ()),
        ("At June 30, 2022 net sales were 100.", ()),  # the year heads a column of its own
        ("On April 3, 2023 it was told.", ("April 3, 2023",)),
        ("On Mar. 4 it was told.", ("Mar. 4",)),
        ("John Quill was named.", ("John Quill",)),
        ("Ms. Roe, the Chair of Larkmoor Mills, was told.", ()),
        ("The Securities and Exchange Commission was told.", ()),
        ("Line Item: Net Sales. Fiscal Year: 2023. Gross Profit Margin: none.", ()),
        ("Nothing in capitals, and 12 of it.", ()),
        ("Net sales declined 20% and the margin 4 points; it may 12 times.", ()),
        ("12 marketable securities in 3 separate segments, to 2 decimals.", ()),
        ("Larkmoor sells in the United States.", ()),
        ("", ()),
    ],
)
def test_what_stands_nowhere(said: str, unknown: tuple[str, ...]) -> None:
    assert unknown_mentions(said, EVIDENCE) == unknown
    assert set(unknown) <= mentions(said)


def test_its_sentence_is_left_out() -> None:
    said = "Capex was $157 million. Karla Quist of Brunnwick Partners said so on May 9, 2024."
    told = firm(said, "What was capex?", PASSAGES, narrative=False)
    assert told.text == "Capex was $157 million."
    assert told.doubtful == ("May 9, 2024", "Karla Quist of Brunnwick Partners")


@pytest.mark.parametrize("piece", ["Aa ", "May 1 ", "Aa of ", "A&-", "1 "])
def test_long_text_is_read_quickly(piece: str) -> None:
    began = time.process_time()
    unknown_mentions(piece * (60_000 // len(piece)), EVIDENCE)
    assert time.process_time() - began < 20
