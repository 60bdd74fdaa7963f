"""LLM.int8() and NF4 through bitsandbytes: made for CUDA; on a CPU they save memory, not time.

On CPUs with AVX512-BF16 bitsandbytes repacks 4-bit weights at the first forward pass, and saving
after that may write scrambled weights: the model is saved before it is ever run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from quantize.errors import SchemeError
from quantize.layers import Layer, torch_layers
from quantize.schemes import Scheme
from quantize.torch_model import load


def quantize(full: Path, scheme: Scheme, out: Path, ids: Sequence[Sequence[int]] = ()) -> Any:
    """Load `full` with its linear layers quantized, save to `out`; returns the model. No
    scheme here is calibrated: `ids` are not used."""
    import torch
    from transformers import AutoTokenizer, BitsAndBytesConfig

    config = dict(scheme.parameters)
    if scheme.bits == 4:
        config["bnb_4bit_compute_dtype"] = torch.bfloat16
    try:
        model = load(full, quantization_config=BitsAndBytesConfig(**config))
    except ImportError as error:
        raise SchemeError(
            f"{scheme.name} needs bitsandbytes and accelerate: pip install bitsandbytes accelerate"
        ) from error
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(full).save_pretrained(out)
    return model


def layers(folder: Path, model: Any) -> list[Layer]:
    """Bits and bytes of every layer, read from the model as loaded from `folder`."""
    return torch_layers(model)
