"""Windows of token ids."""

from __future__ import annotations

from quantize.windows import windows


class Letters:
    """One token a letter, after a first one."""

    def __init__(self, *first: int) -> None:
        self.first = list(first)

    def __call__(self, text: str, add_special_tokens: bool = True) -> dict[str, list[int]]:
        return {"input_ids": [*(self.first if add_special_tokens else []), *map(ord, text)]}


def test_windows_spread_over_the_texts_and_do_not_overlap() -> None:
    texts = ["a" * 640, "b" * 640]
    found = windows(Letters(), texts, 64, 6)
    assert [len(ids) for ids in found] == [64] * 6
    assert {ids[0] for ids in found} == {ord("a"), ord("b")}
    assert len(windows(Letters(), texts, 64, 100)) == 20


def test_each_begins_as_a_prompt_does() -> None:
    found = windows(Letters(7), ["a" * 200], 64, 9)
    assert [ids[:2] for ids in found] == [[7, ord("a")]] * 3
    assert [len(ids) for ids in found] == [64] * 3


def test_short_texts_have_none() -> None:
    assert windows(Letters(), ["short", ""], 64, 5) == []
