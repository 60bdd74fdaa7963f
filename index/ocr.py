"""PAGE IMAGE -> WORDS with their places, by OCR: PP-OCR's models on OpenVINO, on this machine.

A page is drawn, turned upright (sideways and upside-down scans), its lines are found (detection),
and each is read (recognition, CTC: a letter has the column of the image that it was read at, which
gives words their places). Lines of a page that was laid on the glass askew are levelled, so that
rows are rows. The models come with the package `rapidocr`: nothing is fetched.

Du et al., PP-OCR: A Practical Ultra Lightweight OCR System, 2020, arXiv:2009.09941.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from index.errors import FilingError, said
from index.glyphs import WORD_GAP, Glyph
from index.pdf import open_pdf
from index.scans import Scan, ScannedWord

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Corners = NDArray[np.float32]  # (4, 2): x to the right, y down, in pixels; clockwise from the
    # top left
    Image = NDArray[np.uint8]  # (height, width, 3)

DPI = 200
_MAX_SIDE_PX = 2600  # of the page as drawn: a poster is read coarsely, not for minutes
_MAX_PIXELS = 200_000_000  # of an image inside the PDF: 600 MB of memory
_NARROWEST_PX = 96  # of a line as read, 48 high: cells need not be as wide as lines
_NOISE = 0.5  # a line read with less confidence is none: stains, signatures, logos
_LONG = 4.0  # times as wide as high: long enough to tell the page's slope and its lines' height
_TALLEST = 1.25  # of the usual line's height; the places found for short lines are too tall
_DARK = 160  # of 255: ink
_GAP = 3.0  # times the usual step from letter to letter: two words, even without a space
_ASKED = 6  # lines that are tried whether the page stands on its head
# What models trained on Chinese, too, take dashes and other marks for.
_MARKS = str.maketrans({"一": "—", "ー": "—", "－": "-", "・": "·", "、": ",", "。": "."})


class _Word(NamedTuple):
    """`start` and `end` are along its line, 0 to 1."""

    text: str
    confidence: float
    start: float
    end: float


class _Line(NamedTuple):
    """A line on the upright image."""

    corners: Corners
    words: list[_Word]


class _Drawn(NamedTuple):
    """A page as an image; `origin`, `right` and `down` take pixels to the page's canvas units."""

    image: Image
    origin: tuple[float, float]
    right: tuple[float, float]  # one pixel to the right
    down: tuple[float, float]

    def on_page(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel lies on the page."""
        return (
            self.origin[0] + x * self.right[0] + y * self.down[0],
            self.origin[1] + x * self.right[1] + y * self.down[1],
        )


class Ocr:
    """Reads pages of PDFs; not for several threads at once. `tell` hears of each page first."""

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        """Raises FilingError where the packages are not installed."""
        try:
            from rapidocr import EngineType, RapidOCR
        except ImportError as error:
            raise FilingError(
                f"OCR needs packages that are not installed ({said(error)}): "
                "pip install 'tenq[ocr]'"
            ) from error
        engines = {f"{part}.engine_type": EngineType.OPENVINO for part in ("Det", "Rec")}
        plain = {"Global.use_vertical_padding": False, "Global.log_level": "critical"}
        narrow = {"Rec.rec_img_shape": [3, 48, _NARROWEST_PX]}
        self._engine = RapidOCR(params={**engines, **plain, **narrow})
        self._engine.return_word_box = True
        self.tell = tell or (lambda word: None)

    def __call__(self, path: Path, pages: Sequence[int]) -> dict[int, Scan]:
        """Read these pages (1-based) of the PDF at `path`; a page that cannot be read says why."""
        found: dict[int, Scan] = {}
        for n, page in enumerate(pages, 1):
            self.tell(f"OCR, page {page} ({n} of {len(pages)})")
            try:
                found[page] = self._read(path, page)
            except Exception as error:  # of several libraries: a page must not cost the filing
                found[page] = Scan(problem=said(error))
        return found

    def _read(self, path: Path, number: int) -> Scan:
        drawn = _draw(path, number)
        upright, turns, crops, corners = self._upright(drawn.image)
        if not crops:
            return Scan()
        read = self._engine.recognize_txt(crops)
        lines = [
            _Line(place, words)
            for place, text, score, info in zip(
                corners, read.txts, read.scores, read.word_results, strict=True
            )
            if score >= _NOISE and (words := _words_of(text, info))
        ]
        lines += _dashes(upright, lines)
        return Scan(tuple(_placed(lines, drawn, turns, upright.shape[:2])))

    def _upright(self, image: Image) -> tuple[Image, int, list[Image], list[Corners]]:
        """The image with its lines level and on their feet, how many quarters it was turned for
        that (counterclockwise), and its lines: their images and their corners."""
        crops, corners = self._detected(image)
        turns = 0
        area = [crop.shape[0] * crop.shape[1] for crop in crops]
        tall = sum(size for size, c in zip(area, corners, strict=True) if _high(c) > _wide(c))
        if tall > sum(area) / 2:
            image, turns = _turned(image, 1), 1
            crops, corners = self._detected(image)
        # The beginnings of some lines read as they are and upside down: one of them is nonsense.
        level = [crop for crop in crops if crop.shape[1] > _LONG * crop.shape[0]]
        asked = [_begin(crop) for crop in level[:: len(level) // _ASKED + 1]]
        if asked and self._sure(asked) < self._sure([_turned(crop, 2) for crop in asked]):
            image, turns = _turned(image, 2), turns + 2
            crops, corners = self._detected(image)
        return image, turns, crops, corners

    def _sure(self, crops: list[Image]) -> float:
        """How sure recognition is of these lines."""
        return float(sum(self._engine.recognize_txt(crops).scores)) / len(crops)

    def _detected(self, image: Image) -> tuple[list[Image], list[Corners]]:
        from rapidocr.main import RapidOCRError

        try:
            crops, found = self._engine.detect_and_crop(image, {})
        except RapidOCRError:  # nothing written on it
            return [], []
        return crops, list(found.boxes)


def _draw(path: Path, number: int) -> _Drawn:
    """The page as an image. Raises FilingError where it would not fit the memory."""
    import pypdfium2.raw as pdfium_c

    with open_pdf(path) as document:
        page = document[number - 1]
        for item in page.get_objects([pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3):
            width, height = item.get_px_size()
            if width * height > _MAX_PIXELS:
                raise FilingError(f"an image of {width:,} x {height:,} pixels is too large")
        bitmap = page.render(scale=min(DPI / 72, _MAX_SIDE_PX / max(page.get_size())))
        image = bitmap.to_numpy()[:, :, :3].copy()
        place = bitmap.get_posconv(page)
        height, width = image.shape[:2]
        x, y = place.to_page(0, 0)
        rightmost, lowest = place.to_page(width, 0), place.to_page(0, height)
        page.close()
    right = ((rightmost[0] - x) / width, (rightmost[1] - y) / width)
    down = ((lowest[0] - x) / height, (lowest[1] - y) / height)
    return _Drawn(image, (x, y), right, down)


def _words_of(text: str, info: Any) -> list[_Word]:
    """A line's words from what recognition tells: letters with their columns and confidences."""
    letters = [(n, letter) for n, letter in enumerate(text) if not letter.isspace()]
    columns = [column for word in info.word_cols for column in word]
    steps = [b - a for a, b in pairwise(columns)]
    step = median(steps) if steps else info.line_txt_len / max(len(text), 1)
    found = []
    begin = 0
    for k, (n, letter) in enumerate(letters):
        last = k + 1 == len(letters)
        if not last:
            after = letters[k + 1]
            # A space that was not read shows as a gap, or before a sum: "79,474$70,372".
            sum_begins = after[1] in "$€£¥" and (letter.islower() or letter in "0123456789)")
            if not (after[0] > n + 1 or steps[k] > _GAP * step or sum_begins):
                continue
        own = letters[begin : k + 1]
        word = unicodedata.normalize("NFKC", "".join(letter for _, letter in own))
        start = (columns[begin] + 0.5 - step / 2) / info.line_txt_len
        end = (columns[k] + 0.5 + step / 2) / info.line_txt_len
        sure = min(info.confs[n] for n, _ in own)
        found.append(_Word(word.translate(_MARKS), sure, max(start, 0.0), min(end, 1.0)))
        begin = k + 1
    return found


def _dashes(image: Image, lines: Sequence[_Line]) -> Iterator[_Line]:
    """Dashes that stand alone in a row: nil, in tables. Detection looks for letters and passes them
    over, and a row of nothing but dashes would be taken for a heading.

    A dash is as wide as letters are high, more or less, flat, level with a line's middle, and
    nothing is near: no letter that it belongs to, no rule that it is a piece of.
    """
    import cv2
    import numpy as np

    if not lines:
        return
    high = median(_high(line.corners) for line in lines)
    dark = (image.mean(axis=2) < _DARK).astype(np.uint8)
    _, _, parts, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    middles = np.array([_along(line.corners, 0.5)[1] for line in lines])
    ink = cv2.integral(dark)
    for x, y, wide, thick, _ in parts[1:].tolist():
        if not (0.2 * high < wide < 1.1 * high and thick * 3 < wide and thick < 0.2 * high):
            continue
        middle = y + thick / 2
        if np.abs(middles - middle).min() > 0.3 * high:
            continue
        near = round(0.4 * high)
        left, right = max(x - near, 0), min(x + wide + near, image.shape[1])
        top, bottom = max(y - near // 2, 0), min(y + thick + near // 2, image.shape[0])
        around = ink[bottom, right] - ink[top, right] - ink[bottom, left] + ink[top, left]
        if around > 1.1 * dark[y : y + thick, x : x + wide].sum():
            continue
        half = high / 2
        corners = [[x, middle - half], [x + wide, middle - half]]
        corners += [[x + wide, middle + half], [x, middle + half]]
        yield _Line(np.array(corners, dtype=np.float32), [_Word("—", 1.0, 0.0, 1.0)])


def _placed(
    lines: Sequence[_Line], drawn: _Drawn, turns: int, size: tuple[int, ...]
) -> Iterator[ScannedWord]:
    """The words with their places on the page and along its rows, levelled."""
    long = [line.corners for line in lines if _wide(line.corners) > _LONG * _high(line.corners)]
    slope = median(_slope(corners) for corners in long) if long else 0.0
    usual = median(map(_high, long)) if long else math.inf
    unit = math.hypot(*drawn.right)
    for corners, words in lines:
        high = _high(corners)
        if _wide(corners) <= _LONG * high:
            high = min(high, _TALLEST * usual)
        gap = 1.5 * WORD_GAP * high / _wide(corners)  # words of one line stay words
        ends = [min(a.end, b.start - gap) for a, b in pairwise(words)]
        for word, end in zip(words, [*ends, words[-1].end], strict=True):
            left = _along(corners, word.start)
            right = _along(corners, max(end, word.start + gap))
            (x0, y0), (x1, y1) = _levelled(left, slope), _levelled(right, slope)
            spots = [
                drawn.on_page(*_turned_back(x, y + side, turns, size))
                for x, y in (left, right)
                for side in (-high / 2, high / 2)
            ]
            box = (
                min(x for x, _ in spots),
                min(y for _, y in spots),
                max(x for x, _ in spots),
                max(y for _, y in spots),
            )
            y = -(y0 + y1) / 2 * unit
            glyph = Glyph(word.text, box, x0 * unit, x1 * unit, y, high * unit, begins=True)
            yield ScannedWord(glyph, word.confidence)


def _along(corners: Corners, part: float) -> tuple[float, float]:
    """The point on a line's middle at `part` of its length."""
    left, right = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    x, y = left + (right - left) * part
    return float(x), float(y)


def _levelled(point: tuple[float, float], slope: float) -> tuple[float, float]:
    x, y = point
    return (
        x * math.cos(slope) + y * math.sin(slope),
        y * math.cos(slope) - x * math.sin(slope),
    )


def _begin(crop: Image) -> Image:
    return crop[:, : round(2 * _LONG) * crop.shape[0]]


def _turned(image: Image, turns: int) -> Image:
    import numpy as np

    return np.ascontiguousarray(np.rot90(image, turns))


def _turned_back(x: float, y: float, turns: int, size: tuple[int, ...]) -> tuple[float, float]:
    """Where a pixel was before the image, now of `size` (height, width), was turned."""
    height, width = size
    return ((x, y), (height - y, x), (width - x, height - y), (y, width - x))[turns]


def _wide(corners: Corners) -> float:
    return math.dist(corners[0], corners[1])


def _high(corners: Corners) -> float:
    return math.dist(corners[0], corners[3])


def _slope(corners: Corners) -> float:
    return math.atan2(corners[1][1] - corners[0][1], corners[1][0] - corners[0][0])
