"""GGUF -> tokenizer, exactly as the file says.

transformers rebuilds a GGUF's tokenizer by the model's architecture, which turns a byte-level BPE
of a Llama-shaped model (SmolLM2) into a SentencePiece one once it is saved and loaded again, and
drops the control tokens that end an answer. So byte-level BPEs are built here from the file's own
vocabulary, merges and `tokenizer.ggml.pre`, as llama.cpp defines its pre-tokenizers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from quantize.errors import SourceError

_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{%s}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# tokenizer.ggml.pre -> the patterns applied one after the other
_PRE: dict[str, tuple[str, ...]] = {
    "gpt-2": (_GPT2,),
    "smollm": (r"\p{N}", _GPT2),
    "starcoder": (r"\p{N}", _GPT2),
    "refact": (r"\p{N}", _GPT2),
    "qwen2": (_CL100K % "1",),
    "deepseek-r1-qwen": (_CL100K % "1",),
    "llama-bpe": (_CL100K % "1,3",),
    "llama3": (_CL100K % "1,3",),
    "smaug-bpe": (_CL100K % "1,3",),
}
_CONTROL, _USER_DEFINED = 3, 4
_PROBE = "Net sales rose 4% to $1,284.5 million (2023: $1,235), “basic”\n\tEPS — nil."


def gguf_tokenizer(path: Path) -> Any:
    """The tokenizer of a GGUF file. SourceError where it cannot be rebuilt faithfully."""
    import gguf
    from transformers import AutoTokenizer

    fields = gguf.GGUFReader(path).fields

    def field(name: str, default: Any = None) -> Any:
        found = fields.get(f"tokenizer.{name}")
        return default if found is None else found.contents()

    kind, pre = field("ggml.model"), field("ggml.pre", "gpt-2")
    if kind == "gpt2" and pre in _PRE:
        tokenizer = _byte_level(field, _PRE[pre], nfc=pre.endswith("qwen") or pre == "qwen2")
    else:
        tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    if tokenizer.decode(tokenizer(_PROBE, add_special_tokens=False)["input_ids"]) != _PROBE:
        raise SourceError(
            f"the tokenizer of {path.name} ({kind}, {pre}) cannot be rebuilt faithfully; use the "
            "model's original checkpoint folder instead"
        )
    return tokenizer


def _byte_level(field: Any, patterns: tuple[str, ...], nfc: bool) -> Any:
    """A byte-level BPE (Radford et al. 2019) of the file's vocabulary and merges."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
    from tokenizers.models import BPE
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    tokens: list[str] = field("ggml.tokens")
    types: list[int] = field("ggml.token_type", [1] * len(tokens))
    merges = [tuple(merge.split(" ", 1)) for merge in field("ggml.merges")]
    backend = Tokenizer(BPE({t: i for i, t in enumerate(tokens)}, merges, ignore_merges=False))
    backend.normalizer = normalizers.NFC() if nfc else None
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            *(pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    for token, kind in zip(tokens, types, strict=True):
        if kind in (_CONTROL, _USER_DEFINED) and not token.startswith("[PAD"):
            added = AddedToken(token, special=kind == _CONTROL, normalized=False)
            (backend.add_special_tokens if kind == _CONTROL else backend.add_tokens)([added])

    def named(role: str) -> str | None:
        number = field(f"ggml.{role}_token_id")
        return None if number is None else tokens[number]

    bos = named("bos")
    if field("ggml.add_bos_token", False) and bos:
        backend.post_processor = TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, field("ggml.bos_token_id"))]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token=bos,
        eos_token=named("eos"),
        pad_token=named("padding") or named("eos"),
        unk_token=named("unknown"),
        chat_template=field("chat_template"),
        clean_up_tokenization_spaces=False,
    )
