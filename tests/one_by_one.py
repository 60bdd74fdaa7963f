"""Part of the tests' small engines: a batch answered one prompt after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.engine import Messages, Usage


class OneByOne:
    """For engines that set `usage` in `stream`."""

    usage: Usage | None = None

    def stream(self, messages: Messages, max_new_tokens: int) -> Iterator[str]:
        raise NotImplementedError

    def generate(self, batch: Sequence[Messages], max_new_tokens: int) -> list[tuple[str, Usage]]:
        said = []
        for messages in batch:
            text = "".join(self.stream(messages, max_new_tokens))
            assert self.usage is not None
            said.append((text, self.usage))
        return said
