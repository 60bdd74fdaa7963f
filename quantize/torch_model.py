"""A checkpoint folder -> the torch model in it, on CUDA where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def load(folder: Path, dtype: str = "bf16", **how: Any) -> Any:
    """A full model ("fp32" or "bf16"), or bitsandbytes', whose config says how it was quantized;
    `how` goes to transformers."""
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=torch.float32 if dtype == "fp32" else torch.bfloat16,
        device_map="cuda" if torch.cuda.is_available() else "cpu",
        **how,
    ).eval()
