"""Greedy tokens of a model: the proof that what was saved is what was made.

`python -m quantize.greedy FOLDER` loads FOLDER in a process of its own and prints the tokens.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from quantize.errors import CheckpointError

PROMPT = "Net sales rose 4% to $1,284 million, and operating income was"
NEW_TOKENS = 16
GREEDY: dict[str, Any] = {  # of transformers, whatever sampling the model's own settings ask for
    "do_sample": False,
    "temperature": None,
    "top_p": None,
    "top_k": None,
    "repetition_penalty": 1.0,
}


def backend(name: str) -> ModuleType:
    """The backend module of that name."""
    if name == "openvino":
        from quantize import openvino_backend

        return openvino_backend
    from quantize import bitsandbytes_backend

    return bitsandbytes_backend


def greedy_tokens(model: Any, folder: Path) -> list[int]:
    """The NEW_TOKENS token ids that follow PROMPT, most likely first choice each."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = tokenizer(PROMPT, return_tensors="pt").to(model.device)
    out = model.generate(
        **inputs, **GREEDY, max_new_tokens=NEW_TOKENS, pad_token_id=tokenizer.eos_token_id
    )
    return [int(token) for token in out[0, inputs["input_ids"].shape[1] :]]


def greedy_tokens_in_new_process(folder: Path, backend_name: str) -> list[int]:
    """The same, with the model loaded from disk by a new process; CheckpointError if it cannot."""
    done = subprocess.run(
        [sys.executable, "-m", "quantize.greedy", str(folder), backend_name],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CheckpointError(f"the saved model does not load again ({reason})")
    tokens: list[int] = json.loads(done.stdout.splitlines()[-1])
    return tokens


def main() -> None:
    """Print the tokens of the model in argv[1], made by the backend argv[2]."""
    folder = Path(sys.argv[1])
    print(json.dumps(greedy_tokens(backend(sys.argv[2]).load(folder), folder)))


if __name__ == "__main__":
    main()
