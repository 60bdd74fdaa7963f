"""Spoilt files out of good ones: bytes flipped, parts cut, repeated, moved and spliced."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

# What has broken readers of every kind: nulls, marks, numbers too large, nesting, endless words.
_ODD = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r",
    b"\x1a",
    b"-1",
    b"0",
    b"NaN",
    b"Infinity",
    b"1e999",
    b"9" * 400,
    b"18446744073709551615",
    b"2147483648",
    b"null",
    b'"',
    b"[" * 3000,
    b'{"a":' * 2000,
    b"<div>" * 500,
    b"<table><tr><td>" * 200,
    b"</td></tr></table>",
    b"<!--",
    b"]]>",
    b"&#x110000;",
    b"&#55357;",
    b"\xed\xa0\x80",
    b"%PDF-1.7\n",
    b"%%EOF\n",
    b"endobj\n",
    b"endstream\n",
    b"<< /Type /Pages /Kids [1 0 R] /Count 1 >>",
    b"\xe2\x80\xae",
    b"\xf3\xa0\x80\x81",
    b"a" * 20_000,
    b"12,345 " * 2000,
    b"\f" * 50,
)
_NUMBER = re.compile(rb"\d+")


def mutated(rng: random.Random, seed: bytes, other: bytes) -> bytes:
    """`seed` after one to four accidents; parts of `other` may get into it."""
    data = bytearray(seed)
    for _ in range(rng.choice((1, 1, 2, 3, 4))):
        rng.choice(_ACCIDENTS)(rng, data, other)
    return bytes(data)


def mutated_one_of(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One of the `seeds`, mutated with parts of another."""
    return mutated(rng, rng.choice(seeds), rng.choice(seeds))


def _flip(rng: random.Random, data: bytearray, other: bytes) -> None:
    for _ in range(rng.choice((1, 3, 20, 200)) if data else 0):
        data[rng.randrange(len(data))] = rng.randrange(256)


def _flip_near(rng: random.Random, data: bytearray, other: bytes) -> None:
    """Headers and trailers decide how the rest is read."""
    near = min(len(data), rng.choice((16, 128, 1024)))
    at_end = rng.random() < 0.5
    for _ in range(rng.choice((1, 4)) if data else 0):
        place = rng.randrange(near)
        data[len(data) - 1 - place if at_end else place] = rng.randrange(256)


def _truncate(rng: random.Random, data: bytearray, other: bytes) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _remove(rng: random.Random, data: bytearray, other: bytes) -> None:
    start, end = _part(rng, data)
    del data[start:end]


def _repeat(rng: random.Random, data: bytearray, other: bytes) -> None:
    start, end = _part(rng, data)
    if (end - start) * 40 < 400_000:
        data[end:end] = bytes(data[start:end]) * rng.choice((1, 2, 40))


def _move(rng: random.Random, data: bytearray, other: bytes) -> None:
    start, end = _part(rng, data)
    taken = bytes(data[start:end])
    del data[start:end]
    place = rng.randrange(len(data) + 1)
    data[place:place] = taken


def _splice(rng: random.Random, data: bytearray, other: bytes) -> None:
    start, end = _part(rng, other)
    place, until = _part(rng, data)
    data[place : until if rng.random() < 0.5 else place] = other[start:end]


def _odd(rng: random.Random, data: bytearray, other: bytes) -> None:
    place = rng.randrange(len(data) + 1)
    data[place:place] = rng.choice(_ODD)


def _number(rng: random.Random, data: bytearray, other: bytes) -> None:
    """Another number in the place of one: lengths, offsets, counts."""
    found = list(_NUMBER.finditer(bytes(data[:200_000])))
    if found:
        chosen = rng.choice(found)
        values = (b"0", b"-1", b"1", b"65536", b"4294967295", b"9" * 30, b"1.5", b"1e400")
        data[chosen.start() : chosen.end()] = rng.choice(values)


def _part(rng: random.Random, data: Sequence[int]) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.choice((1, 4, 30, 300, 5000)))


_ACCIDENTS: tuple[Callable[[random.Random, bytearray, bytes], None], ...] = (
    _flip,
    _flip_near,
    _truncate,
    _remove,
    _repeat,
    _move,
    _splice,
    _odd,
    _number,
)

# -- JSON that is still JSON -----------------------------------------------------------------------

_VALUES: tuple[object, ...] = (
    None,
    True,
    -1,
    0,
    3.5,
    10**30,
    float("inf"),
    float("nan"),
    "",
    "x",
    "4",
    "\x00\ud800",
    "../../etc/passwd",
    [],
    {},
    [[]],
    {"a": None},
    [1, "2", None],
)


def mutated_json(rng: random.Random, text: bytes) -> bytes:
    """The same JSON with one to three of its values of another kind, gone, or under another key."""
    root = [json.loads(text)]
    for _ in range(rng.choice((1, 1, 2, 3))):
        holder, key = rng.choice(_places(root))
        if isinstance(holder, dict) and rng.random() < 0.4:
            value = holder.pop(key)
            if rng.random() < 0.5:
                holder[rng.choice(("", "x", "format", "0", "\x00"))] = value
        else:
            holder[key] = copy.deepcopy(rng.choice(_VALUES))
    return json.dumps(root[0]).encode()


def _places(root: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) below `root`."""
    found, waiting = [], [root]
    while waiting:
        holder = waiting.pop()
        keys = holder if isinstance(holder, dict) else range(len(holder))
        found += [(holder, key) for key in keys]
        waiting += [holder[key] for key in keys if isinstance(holder[key], dict | list)]
    return found
