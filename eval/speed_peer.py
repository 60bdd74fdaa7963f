"""llama.cpp in a process of its own, timed like our models (`eval.speed_worker`): an outside peer
on the same weights. Its server is asked over loopback, as it is elsewhere.

Run as `python -m eval.speed_peer FILE.gguf TOKENS`; TOKENS is the longest prompt with its answer.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from assistant.server_engine import ServerEngine
from eval.errors import EvaluationError
from eval.speed_worker import serve_on_stdin
from quantize.machine import cores_usable

LLAMA_CPP = "llama.cpp"
_SPARE_TOKENS = 256  # the chat format, and what is tokenized differently


class LlamaCpp(ServerEngine):
    """The GGUF in `file` on llama.cpp, one generation at a time on all cores."""

    scheme = LLAMA_CPP
    parallel = 1

    def __init__(self, file: Path, tokens: int) -> None:
        """EvaluationError where llama.cpp is not installed or cannot load the file."""
        try:
            import xllamacpp
        except ImportError as error:
            raise EvaluationError("llama.cpp is not installed: pip install xllamacpp") from error
        params = xllamacpp.CommonParams()
        params.model.path = str(file)
        params.n_ctx = tokens + _SPARE_TOKENS
        params.n_parallel = 1
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = cores_usable()
        params.hostnames, params.port = ["127.0.0.1"], 0
        try:
            self._server = xllamacpp.Server(params)
        except RuntimeError as error:
            raise EvaluationError(f"llama.cpp cannot load {file}: {error}") from error
        super().__init__(f"{self._server.listening_address}/v1")


def main(arguments: list[str]) -> int:
    """Serve on stdin and stdout."""
    file, tokens = arguments
    # A key for other servers is none of this one's, and a proxy has no part in loopback.
    os.environ.pop("TENQ_API_KEY", None)
    return serve_on_stdin(lambda: LlamaCpp(Path(file), int(tokens)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
