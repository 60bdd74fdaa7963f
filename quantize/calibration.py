"""What a model is calibrated on: texts with their kinds, kept beside the model that was made.

A text is fed as it is; of one longer than WINDOW_TOKENS, the beginning and the end. The file is
kept with the model so that anyone can read what the model has seen, and so that no evaluation
measures on it unawares (`overlap`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from quantize.errors import MALFORMED, CheckpointError, SchemeError, first_line

FILE = "calibration.jsonl"
WINDOW_TOKENS = 512
_HEAD_TOKENS = 64
_SHINGLE_WORDS = 13  # as in the contamination checks of Brown et al. 2020, appendix C
_SAMPLE = ("kind", "source", "text")
_SAID = ("role", "content")  # of a chat's message
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Sample:
    """One text; `kind` is the part of a filing that it comes from, `source` the document."""

    kind: str
    source: str
    text: str


@dataclass(frozen=True)
class Calibration:
    """Samples made from `source` (a path) with `seed`."""

    source: str
    seed: int
    samples: tuple[Sample, ...]

    @cached_property
    def lines(self) -> str:
        """The samples as JSONL."""
        return "".join(json.dumps(asdict(s), ensure_ascii=False) + "\n" for s in self.samples)

    @property
    def texts(self) -> list[str]:
        """The texts alone."""
        return [sample.text for sample in self.samples]

    @property
    def sha256(self) -> str:
        """Of the samples, in their order."""
        return hashlib.sha256(self.lines.encode()).hexdigest()

    @property
    def mark(self) -> str:
        """The first digits of it, for the names of folders."""
        return self.sha256[:8]

    def about(self) -> dict[str, Any]:
        """What the manifest says of it."""
        return {
            "source": Path(self.source).name,
            "seed": self.seed,
            "samples": len(self.samples),
            "kinds": dict(Counter(sample.kind for sample in self.samples)),
            "sha256": self.sha256,
        }

    def to_json(self) -> dict[str, Any]:
        """For files that were made by these texts: `kept_in` reads it back."""
        return {"calibration": self.about(), "texts": [asdict(s) for s in self.samples]}

    def joined(self, other: Calibration) -> Calibration:
        """Both, no text twice; this one as it is where the other has nothing new."""
        known = set(self.texts)
        new = tuple(sample for sample in other.samples if sample.text not in known)
        if not new:
            return self
        names = (Path(self.source).name, Path(other.source).name)
        return Calibration(" and ".join(names), self.seed, (*self.samples, *new))

    def ids(self, tokenizer: Any, window_tokens: int = WINDOW_TOKENS) -> list[list[int]]:
        """Token ids of each text. A long prompt keeps its first tokens, where models keep their
        largest activations, and its end, where question and answer stand."""
        found = (tokenizer(t, add_special_tokens=False)["input_ids"] for t in self.texts)
        return [_shortened(list(ids), window_tokens) for ids in found if len(ids) > 1]


def _shortened(ids: list[int], most: int) -> list[int]:
    head = min(_HEAD_TOKENS, most // 2)
    return ids if len(ids) <= most else ids[:head] + ids[head - most :]


def jsonl_texts(path: Path, chat: Callable[[Any], str] | None = None) -> list[str]:
    """The field "text" of each line, or what `chat` makes of its field "messages" (role, content).
    SchemeError naming the file and the line that is otherwise."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SchemeError(f"cannot read {path}: {error}") from error
    texts = []
    for number, line in enumerate(lines, 1):
        try:
            record: dict[str, Any] = json.loads(line) if line.strip() else {"text": ""}
            if chat and "text" not in record and "messages" in record:
                said = [{key: str(each[key]) for key in _SAID} for each in record["messages"]]
                texts.append(chat(said))
            else:
                texts.append(str(record["text"]))
        except MALFORMED as error:
            raise SchemeError(
                f'{path}, line {number}: not JSON with a field "text" ({first_line(error)})'
            ) from error
    return [text for text in texts if text.strip()]


def kept_in(known: Mapping[str, Any]) -> Calibration | None:
    """The texts in a file with `to_json`; None in one without. Raises one of MALFORMED."""
    if "texts" not in known:
        return None
    about = known["calibration"]
    samples = [Sample(*(str(row[key]) for key in _SAMPLE)) for row in known["texts"]]
    return Calibration(str(about["source"]), int(about["seed"]), tuple(samples))


def read_calibration(folder: Path) -> list[str]:
    """The texts that the model in `folder` was calibrated on; none where it was not."""
    file = folder / FILE
    if not file.is_file():
        return []
    try:
        return [json.loads(line)["text"] for line in file.read_text("utf-8").split("\n") if line]
    except MALFORMED as error:
        raise CheckpointError(
            f"{file} cannot be read ({first_line(error)}); make the model again"
        ) from error


def overlap(texts: Sequence[str], seen: Sequence[str]) -> float:
    """The share of the runs of 13 words of `texts` that stand in `seen` too, 0 to 1."""
    known = runs_of(seen)
    ours = runs_of(texts) if known else set()
    return len(ours & known) / len(ours) if ours else 0.0


def runs_of(texts: Sequence[str]) -> set[int]:
    """Hashes of the runs of 13 words in the texts."""
    return {run for text in texts for run in _runs(text)}


def _runs(text: str) -> set[int]:
    words = [word.lower() for word in _WORD.findall(text)]
    n = _SHINGLE_WORDS
    return {hash(tuple(words[k : k + n])) for k in range(max(len(words) - n + 1, 0))}
