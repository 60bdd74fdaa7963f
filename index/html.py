"""HTML and inline XBRL -> PAGES of text as a browser shows it, and the cover's dei facts.

What a reader cannot see is left out: scripts, hidden elements (display:none, ix:hidden, tiny or
off-screen type), text in its background's colour. A filing must not whisper to the model. Nothing
is fetched and no entity is expanded: libxml2's HTML parser knows no DTD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree
from lxml import html as lxml_html

from index.colours import WHITE, Colour, same_colour
from index.errors import FilingError
from index.facts import Fact
from index.selectors import Sheet
from index.styles import PLAIN, style_of
from index.tables import row_lines
from index.text import paginate, tidy
from index.xbrl import FIRST_MARK, MARKS, MOST_MARKS, Tag, tagged_facts

_DROPPED = frozenset(
    "script style head title template noscript object iframe svg math select textarea dialog "
    "datalist audio video canvas noframes noembed rp progress meter applet "
    "ix:header ix:hidden ix:references ix:resources xml".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary "
    "table tbody td tfoot th thead tr ul caption text document page".split()
)
_PAGE_COMMENT = re.compile(r"^\W*(page\s*break|page\s*\d*\s*of\b|new\s*page)", re.I)
# Looked for at the beginning only and with an end in sight: else marks left open, one after the
# other, would each be followed to the end of the file.
_HEAD_CHARACTERS = 65_536
_PROLOGUE = re.compile(
    r"<\?xml[^<>]{0,4096}+>|<!DOCTYPE[^<>\[]{0,4096}+(?:\[[^\]]{0,4096}+\]\s*+)?>", re.I
)
_GIANT_TAG = re.compile(r"<([a-zA-Z][\w:-]*)\s[^<>]{65536,}>")  # embedded images, or an attack
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_MARK = re.compile(f"[{MARKS}]")
_LONGEST_ROW = 300
_TEXT_MARK = re.compile(r"<(/?)(S|C|CAPTION|FN)>", re.I)


class HtmlText(NamedTuple):
    """Pages of text, iXBRL cover facts by name ("dei:EntityRegistrantName"; the first one wins),
    and the numbers that are tagged and can be seen."""

    pages: list[str]
    dei: dict[str, str]
    facts: list[Fact]


def read_html(source: str) -> HtmlText:
    """Read HTML of any age, broken or not, into pages and facts.

    Pages end where the printed ones do (CSS page breaks, `<PAGE>`, page break comments); a document
    without any is cut into stretches.
    """
    root = _parse(source)
    if root is None:
        return HtmlText([], {}, [])
    sheets = [element.text_content() for element in root.iter("style")]
    writer = _Writer(Sheet("\n".join(sheets)))
    writer.walk(root)
    pages, tags = _take_marks(paginate(writer.finished()), writer.tagged)
    return HtmlText(pages, _dei_facts(root), tagged_facts(root, tags))


def _take_marks(pages: list[str], tagged: list[Any]) -> tuple[list[str], list[Tag]]:
    """The pages without the marks of tagged numbers, and what each mark stood for, and where."""
    if not tagged:
        return pages, []
    tags = []
    for number, page in enumerate(pages, 1):
        for line in page.split("\n"):
            for mark in _MARK.finditer(line):
                element = tagged[ord(mark[0]) - FIRST_MARK]
                shown = " ".join(tidy("".join(element.itertext())).split())
                tags.append(Tag(number, _row_label(line), shown, element.attrib))
    return [_MARK.sub("", page) for page in pages], tags


def _row_label(line: str) -> str:
    """What stands before a table row's first number; "" for a sentence."""
    places = [mark.start() for mark in _MARK.finditer(line)]
    first, last = places[0], places[-1]
    if re.search(r"[A-Za-z]{3}", _MARK.sub("", line[first:last])):
        return ""
    if re.search(r"[A-Za-z]{3}", line[last:]) or len(line) > _LONGEST_ROW:
        return ""
    return line[:first].strip(" .:$€£¥(|")


def _parse(source: str) -> Any:
    """The document's root, or None when it holds nothing."""
    head, rest = source[:_HEAD_CHARACTERS], source[_HEAD_CHARACTERS:]
    source = _PROLOGUE.sub("", head, count=2) + rest
    source = _GIANT_TAG.sub(r"<\1>", _TEXT_MARK.sub(" ", _CONTROLS.sub(" ", source)))
    root, is_whole = _parse_once(source)
    if not is_whole:
        root, is_whole = _parse_once(_without_formatting(source))
    if not is_whole:
        raise FilingError(
            "the HTML nests deeper than 2,048 levels (damaged?); open it in a browser and save or "
            "print it anew"
        )
    return root


def _parse_once(source: str) -> tuple[Any, bool]:
    """The root, and whether libxml2 read to the end: it stops without an error where tags nest
    deeper than 2,048 levels."""
    parser = lxml_html.HTMLParser(
        encoding="utf-8", recover=True, huge_tree=True, no_network=True, remove_pis=True
    )
    try:
        root = lxml_html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but white space or comments
        return None, True
    except etree.XMLSyntaxError as error:
        raise FilingError(f"the HTML cannot be parsed ({error}); save the page again") from error
    return root, not any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)


def _without_formatting(source: str) -> str:
    """`source` without the inline tags that never hide anything: left unclosed by the thousand,
    as in old filings, they nest."""
    for tag in ("font", "b", "i", "u", "em", "strong", "small", "big", "center"):
        openers = re.findall(rf"<{tag}\b[^<>]*>", source, re.I)
        if not any(
            re.search(r"style|color|class|hidden|\bid\b", opener, re.I) for opener in openers
        ):
            source = re.sub(rf"</?{tag}\b[^<>]*>", "", source, flags=re.I)
    return source


def _dei_facts(root: Any) -> dict[str, str]:
    facts: dict[str, str] = {}
    for element in _with_names(root):
        name = element.get("name", "")
        value = " ".join(tidy("".join(element.itertext())).split())
        if value and name.startswith("dei:"):
            facts.setdefault(name, value)
    return facts


def _with_names(root: Any) -> Iterator[Any]:
    for tag in ("ix:nonnumeric", "ix:nonNumeric", "{*}nonNumeric"):
        yield from root.iter(tag)


class _Writer:
    """Writes the elements of a tree as lines, rows and pages."""

    def __init__(self, sheet: Sheet) -> None:
        self.pages: list[list[str]] = [[]]
        self.tagged: list[Any] = []  # the elements of tagged numbers, as marked in the text
        self._sheet = sheet
        self._line: list[str] = []
        self._rows: list[list[list[str]]] = []  # open rows, innermost last: cells of lines
        self._colours: list[tuple[Colour, Colour]] = [((0, 0, 0), WHITE)]
        self._preformatted = 0
        self._break_pending = False

    def finished(self) -> list[list[str]]:
        """The pages written so far; empties what was open."""
        while self._rows:
            self._end_row()
        self._end_line()
        return self.pages

    def walk(self, root: Any) -> None:
        """Write `root` and all below it, without recursion: filings nest without limit."""
        stack: list[tuple[Any, bool]] = [(root, False)]
        ends: list[tuple[str, bool, bool]] = []
        while stack:
            element, done = stack.pop()
            if done:
                self._close(*ends.pop())
                self._text(element.tail)
                continue
            tag = element.tag
            if not isinstance(tag, str):
                self._comment(element)
                self._text(element.tail)
                continue
            opened = None if tag in _DROPPED else self._open(tag, element)
            if opened is None:
                self._text(element.tail)
                continue
            ends.append(opened)
            self._text(element.text)
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))

    def _open(self, tag: str, element: Any) -> tuple[str, bool, bool] | None:
        """Begin an element; None when it is not shown. Returns tag, is block, break after."""
        attributes = element.attrib
        style = style_of(tag, element, self._sheet) if attributes or self._sheet else PLAIN
        if style.hidden and tag not in ("html", "body"):
            return None
        if tag == "ix:nonfraction" and len(self.tagged) < MOST_MARKS:
            self._line.append(chr(FIRST_MARK + len(self.tagged)))
            self.tagged.append(element)
        if style.break_before or tag == "page":
            self._break_page()
        text, background = self._colours[-1]
        self._colours.append((style.colour or text, style.background or background))
        block = tag in _BLOCKS if not style.display else style.display == "block" or tag in _BLOCKS
        if tag == "br":
            self._end_line(keep_empty=True)
        elif tag == "tr":
            self._end_line()
            self._rows.append([])
        elif tag in ("td", "th") and self._rows:
            self._end_line()
            self._rows[-1].append([])
        elif tag == "sup":
            self._separate(element)
        elif block:
            self._end_line()
        self._preformatted += tag == "pre"
        return tag, block, style.break_after

    def _close(self, tag: str, block: bool, break_after: bool) -> None:
        self._colours.pop()
        self._preformatted -= tag == "pre"
        if tag == "tr":
            self._end_row()
        elif block:
            self._end_line()
            if tag in ("p", "table", "h1", "h2", "h3", "h4", "h5", "h6") and not self._rows:
                self.pages[-1].append("")
        if break_after:
            self._break_page()

    def _comment(self, element: Any) -> None:
        if element.tag is etree.Comment and _PAGE_COMMENT.match(element.text or ""):
            self._break_page()
        elif element.tag is etree.Entity:
            self._text(element.text)

    def _text(self, text: str | None) -> None:
        if not text or same_colour(*self._colours[-1]):
            return
        if not text.isascii():
            text = _MARK.sub("", text)  # a filing's own would be taken for ours
        if self._preformatted:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self._line.append(first.replace("  ", "\xa0\xa0"))
            for line in rest:
                self._end_line(keep_empty=True)
                self._line.append(line.replace("  ", "\xa0\xa0"))
        else:
            self._line.append(text)

    def _separate(self, element: Any) -> None:
        """Part a raised footnote number from the figure before it."""
        text = "".join(element.itertext()).strip()
        if text[:1].isdigit() or text[:1] in "(*":
            self._line.append(" ")

    def _end_line(self, keep_empty: bool = False) -> None:
        joined = "".join(self._line)
        self._line.clear()
        if self._preformatted:
            line = re.sub(r"\s{2,}", "  ", tidy(joined)).strip()
        else:
            line = " ".join(tidy(joined).split())
        if not line and not (keep_empty and not self._rows):
            return
        for row in reversed(self._rows):
            if row:
                row[-1].append(line)
                return
        self.pages[-1].append(line)

    def _end_row(self) -> None:
        self._end_line()
        lines = row_lines(self._rows.pop()) if self._rows else []
        for row in reversed(self._rows):
            if row:
                row[-1].extend(lines)
                return
        self.pages[-1].extend(lines)
        if self._break_pending:
            self._break_page()

    def _break_page(self) -> None:
        if any(self._rows):  # inside a row: break where the outermost one ends
            self._break_pending = True
            return
        self._end_line()
        self._break_pending = False
        if any(self.pages[-1]):
            self.pages.append([])
