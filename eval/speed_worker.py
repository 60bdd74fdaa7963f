"""One model in one process, so that its memory and its threads are its own: loads, then answers
timing requests. JSON lines: {"load"} once, then one reply to each request on stdin.

Run as `python -m eval.speed_worker MODEL MODELS_DIR [DTYPE]`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from assistant.memory import peak_gpu_mb, peak_rss_mb
from eval.speed_prompt import timing_prompt

if TYPE_CHECKING:
    from assistant.engine import Engine


def serve(load: Callable[[], Engine], requests: TextIO, replies: TextIO) -> int:
    """Load, then answer {"seed", "question", "prompt_tokens", "new_tokens"} lines until the input
    ends. What goes wrong is a reply {"error"} and exit code 2."""

    def reply(message: dict[str, Any]) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    try:
        start = time.perf_counter()
        engine = load()
        reply({"load_s": time.perf_counter() - start, "scheme": engine.scheme})
        template_tokens = 0
        for line in requests:
            result = timed(engine, json.loads(line), template_tokens)
            template_tokens = result["prompt_tokens"] - result.pop("text_tokens")
            reply(result)
    except Exception as error:
        # Whatever stops one model is a row of the table, not the end of the others.
        text = " ".join(str(error).split()) or type(error).__name__
        reply({"error": text[:300]})
        return 2
    return 0


def timed(engine: Engine, request: dict[str, Any], template_tokens: int) -> dict[str, Any]:
    """Run one prompt. `template_tokens` is what the chat format adds, known after the first run;
    `text_tokens` in the result is the prompt without it."""
    messages = timing_prompt(
        request["seed"],
        request["question"],
        request["prompt_tokens"] - template_tokens,
        engine.count_tokens,
    )
    for _ in engine.stream(messages, request["new_tokens"]):
        pass
    usage = engine.usage
    if usage is None:
        raise RuntimeError("the engine reported no usage")
    return {
        "prompt_tokens": usage.prompt_tokens,
        "text_tokens": engine.count_tokens(messages[0]["content"]),
        "completion_tokens": usage.completion_tokens,
        "first_token_s": usage.first_token_s,
        "total_s": usage.total_s,
        "peak_rss_mb": peak_rss_mb(),
        "peak_gpu_mb": peak_gpu_mb(),
    }


def serve_on_stdin(load: Callable[[], Engine]) -> int:
    """Serve on stdin and stdout; what libraries print goes to stderr."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return serve(load, sys.stdin, replies)


def main(arguments: list[str]) -> int:
    """Load MODEL and serve."""
    from assistant.engine import load_engine

    model, models_dir, *dtype = arguments
    return serve_on_stdin(lambda: load_engine(model, Path(models_dir), dtype[0] if dtype else None))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
