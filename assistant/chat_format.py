"""MESSAGES -> the one text that a model reads, in its own chat format."""

from __future__ import annotations

from typing import Any

from assistant.engine import Messages
from assistant.errors import EngineError
from quantize.errors import first_line


def chat_text(tokenizer: Any, messages: Messages) -> str:
    """The messages in the format of `tokenizer`'s model. EngineError where that cannot take
    them."""
    if tokenizer.chat_template is None:
        return "\n\n".join(message["content"] for message in messages) + "\n\n"
    try:
        text: str = tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
    except Exception as error:  # a template is a small program that comes with the model
        raise EngineError(
            f"the model's chat template does not work ({first_line(error)}); choose another model"
        ) from error
    return text
