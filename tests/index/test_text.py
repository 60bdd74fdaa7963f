from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text import STRETCH_CHARACTERS, decode, is_submission, read_text, tidy, unwrap

SUBMISSION = """<SEC-DOCUMENT>0000012345-97-000003.txt : 19970331
<SEC-HEADER>
CONFORMED SUBMISSION TYPE:	10-K405
CONFORMED PERIOD OF REPORT:	19961231
FILER:
	COMPANY DATA:
		COMPANY CONFORMED NAME:			NORTHWIND BEARINGS INC /DE/
		CENTRAL INDEX KEY:			0000012345
</SEC-HEADER>
<DOCUMENT>
<TYPE>10-K405
<SEQUENCE>1
<TEXT>
First page
<PAGE>                 1
Second page
<TABLE>
<S>                       <C>          <C>
Net sales               $ 1,234      $ 1,111
</TABLE>
</TEXT>
</DOCUMENT>
<DOCUMENT>
<TYPE>EX-13
<SEQUENCE>2
<TEXT>
Annual report to shareholders
</TEXT>
</DOCUMENT>
<DOCUMENT>
<TYPE>EX-27
<TEXT>
<FDS> 5 </FDS>
</TEXT>
</DOCUMENT>
</SEC-DOCUMENT>
"""


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Café — $5".encode(), "Café — $5"),
        (b"\xef\xbb\xbfCaf\xc3\xa9", "Café"),
        ("Café".encode("utf-16"), "Café"),
        (b"\xfe\xff" + "Café".encode("utf-16-be"), "Café"),
        (b"Caf\xe9 \x93quoted\x94 \x97 dash", "Café “quoted” — dash"),
        (b'<meta charset="iso-8859-2"> \xb3', '<meta charset="iso-8859-2"> ł'),
        (b'<meta charset="no-such-thing"> \xe9', '<meta charset="no-such-thing"> é'),
    ],
)
def test_encodings(data: bytes, text: str) -> None:
    assert decode(data) == text


def test_tidy_keeps_figures_and_drops_what_is_not_seen() -> None:
    assert tidy("eﬃcient\xa0ﬂow") == "efficient flow"
    assert tidy("to\u00adtal a\u200bs\u2060sets\ufeff\x07") == "total assets"
    assert tidy("\u202e5,363²") == "5,363²", "a raised 2 must not become a digit of the figure"
    assert tidy("\uf0b7 item \uf0fe yes \uf123") == "• item ☒ yes "
    assert tidy("ignore\U000e0041\U000e0042") == "ignore", "tag characters can smuggle text"


def test_form_feeds_and_page_marks_end_pages() -> None:
    assert read_text("one\n\ftwo\n<PAGE>   3\nthree") == ["one", "two", "three"]
    assert read_text("\f\n \f one \f\f") == ["one"]


def test_columns_set_with_spaces_keep_a_gap_of_two() -> None:
    (page,) = read_text("Net sales ............   $ 1,234      $ 1,111\n\n\n\nNext")
    assert page == "Net sales  $ 1,234  $ 1,111\n\nNext"


def test_text_without_breaks_is_cut_at_paragraphs() -> None:
    paragraph = "A sentence that goes on for a while. " * 15
    pages = read_text("\n\n".join([paragraph.strip()] * 40))
    assert len(pages) == 6
    assert all(0.6 * STRETCH_CHARACTERS < len(page) < 1.4 * STRETCH_CHARACTERS for page in pages)
    assert all(page.startswith("A sentence") and page.endswith("while.") for page in pages)


def test_a_page_far_too_long_is_cut_though_others_are_marked() -> None:
    pages = read_text("cover\f" + "a line of the filing\n" * 3000)
    assert pages[0] == "cover"
    assert len(pages) > 10
    assert "\n".join(pages[1:]).count("a line of the filing") == 3000


def test_submission_gives_main_document_annual_report_and_header_facts() -> None:
    assert is_submission(SUBMISSION)
    documents, facts = unwrap(SUBMISSION)
    assert len(documents) == 2
    assert read_text(documents[0]) == [
        "First page",
        "Second page\n\nNet sales  $ 1,234  $ 1,111",
    ]
    assert read_text(documents[1]) == ["Annual report to shareholders"]
    assert facts == {
        "dei:EntityRegistrantName": "NORTHWIND BEARINGS INC /DE/",
        "dei:EntityCentralIndexKey": "0000012345",
        "dei:DocumentType": "10-K405",
        "dei:DocumentPeriodEndDate": "19961231",
    }


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.integers(1, 60))
def test_no_letter_is_lost_or_made_up(text: str, times: int) -> None:
    pages = read_text(text * times)
    wanted = [c for c in tidy(text * times) if c.isalpha()]
    if "<" not in text and "." not in text:
        assert [c for c in "".join(pages) if c.isalpha()] == wanted
    assert all(page.strip() for page in pages)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_decode(data: bytes) -> None:
    assert isinstance(decode(data), str)


def test_a_text_of_very_many_lines_is_cut_in_linear_time() -> None:
    start = time.process_time()
    pages = read_text("Total assets 4,100 3,900\n" * 400_000)
    assert time.process_time() - start < 20  # two seconds; a search of all lines for each page: 200
    assert all(len(page) < 1.5 * STRETCH_CHARACTERS for page in pages)
    assert sum(page.count("\n") + 1 for page in pages) == 400_000
