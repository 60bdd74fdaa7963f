"""Other names that a cover states; what only looks like one is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.aliases import aliases_of
from index.embed import Embedder
from index.query import understand
from index.store import Store

COVER = """FORM 10-K
ANNUAL REPORT PURSUANT TO SECTION 13 OR 15(d) OF THE SECURITIES EXCHANGE ACT OF 1934
For the fiscal year ended December 31, 2023
Oakridge Stores, Inc.
(Exact name of registrant as specified in its charter)
{line}
"""


@pytest.mark.parametrize(
    ("line", "aliases"),
    [
        ("(Formerly Acornell Tools, Inc.)", ("Acornell Tools, Inc",)),
        ("Oakridge Stores, Inc., formerly known as Acornell, is a store", ("Acornell",)),
        ("our subsidiary Nutwood (formerly known as Acornell, Inc.) is a store", ()),
        ("Oakridge Stores, Inc. bought Nutwood, formerly Acornell", ()),
        ("Oakridge Stores, Inc. (“Oakridge,” or the “Parent Guarantor”)", ("Oakridge",)),
        ("Oakridge Stores, Inc. (f/k/a Acornell Holdings Corp.)", ("Acornell Holdings Corp",)),
        ("Oakridge Stores, Inc., doing business as Nutshell Markets", ("Nutshell Markets",)),
        ("Oakridge Stores, Inc. d/b/a Nutshell", ("Nutshell",)),
        ("Oakridge Stores, Inc. (ORS) sells", ("ORS",)),
        ("Oakridge Stores, Inc. (“Oakridge,” “we,” “us,” or the “Company”)", ("Oakridge",)),
        ("Acornell Tools, Inc.\n(Former name, if changed since last report)",
         ("Acornell Tools, Inc",)),
        ("N/A\n(Former name, former address and former fiscal year, if changed)", ()),
        ("Not applicable\n(Former name if changed since last report)", ()),
        ("FORMER CONFORMED NAME: ACORNELL TOOLS INC", ("ACORNELL TOOLS INC",)),
        ("The plant was formerly operated by others (the “Plant”).", ()),
        ("Another, Inc. (ANO) competes. Oakridge Stores, Inc. (the “Company”)", ()),
    ],
)  # fmt: skip
def test_aliases(line: str, aliases: tuple[str, ...]) -> None:
    found = aliases_of("Oakridge Stores, Inc.", [COVER.format(line=line)])
    assert tuple(name.rstrip(".") for name in found) == aliases


def test_none_without_a_company() -> None:
    assert aliases_of(None, ["formerly Acornell"]) == ()
    assert aliases_of("—", ["formerly Acornell"]) == ()


def test_a_former_name_finds_the_company(tmp_path: Path, embedder_folder: Path) -> None:
    path = tmp_path / "oak.txt"
    path.write_text(COVER.format(line="(Formerly Acornell Tools, Inc.)"), encoding="utf-8")
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(path)
        (document,) = store.documents()
        assert document.aliases == ("Acornell Tools, Inc.",)
        asked = understand("What was Acornell Tools' revenue?", store.documents())
        assert asked.companies == ("Oakridge Stores, Inc.",)
        assert asked.unknown == ()
        store.remove(document.id)
        assert store.database.rows("SELECT * FROM aliases") == []
