"""The full model with some of its weights rounded, and how far that moves its predictions.

Used to measure what each layer's precision costs (`quantize.sensitivity`) and to measure whole
plans before a model is made (`quantize.swaps`). Rounding is simulated on the torch model, in
16-bit arithmetic, as NNCF's data-free asymmetric modes round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from quantize.errors import SchemeError
from quantize.mixed import GROUP_SIZE
from quantize.torch_model import load
from quantize.windows import windows


class Probe:
    """The model in `full` over up to `at_most` windows of the texts. SchemeError where every text
    is shorter than a window."""

    def __init__(
        self, full: Path, texts: Sequence[str], window_tokens: int = 256, at_most: int = 4
    ) -> None:
        import torch
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(full)
        cut = windows(tokenizer, texts, window_tokens, at_most)
        if not cut:
            raise SchemeError(
                f"the calibration texts are too short: none has {window_tokens} tokens"
            )
        self.model = load(full)
        self.batch = torch.tensor(cut, device=self.model.device)
        self.matrices = matrices(self.model)
        self._originals = {name: m.weight.data for name, m in self.matrices.items()}
        self._reference: Any = None

    def set(self, bits: Mapping[str, int]) -> None:
        """Round the named layers to their bits, each from its own weights; 16 puts them back."""
        if self._reference is None:
            self._reference = self._log_probabilities()
        for name, each in bits.items():
            original = self._originals[name]
            rounded = original if each == 16 else fake_quantized(original, each)
            self.matrices[name].weight.data = rounded

    def divergence(self) -> float:
        """Mean KL(full || as set), in nats a token, over the second half of each window."""
        if self._reference is None:
            return 0.0
        total, now = 0.0, self._log_probabilities()
        for p, q in zip(self._reference.split(64), now.split(64), strict=True):
            total += float((p.exp() * (p - q)).sum())
        return max(total / len(now), 0.0)

    def _log_probabilities(self) -> Any:
        """(windows * half, vocabulary) float32, of the second half of each window."""
        import torch

        half = self.batch.shape[1] // 2
        parts = []
        with torch.inference_mode():
            for ids in self.batch:
                logits = self.model(input_ids=ids[None]).logits[0, half:].float()
                parts.append(torch.log_softmax(logits, dim=-1).cpu())
        return torch.cat(parts)


def fake_quantized(weight: Any, bits: int) -> Any:
    """`weight` rounded to `bits` with zero points, as NNCF's asymmetric modes do: 4 bits in groups
    of 64 along the inputs, 8 bits a row. Returns a new tensor of the same shape and dtype."""
    import torch

    rows, columns = weight.shape
    size = GROUP_SIZE if bits == 4 and columns % GROUP_SIZE == 0 else columns
    groups = weight.float().reshape(rows, columns // size, size)
    low = groups.amin(dim=-1, keepdim=True).clamp(max=0)
    high = groups.amax(dim=-1, keepdim=True).clamp(min=0)
    scale = ((high - low) / (2**bits - 1)).clamp(min=1e-10)
    zero = torch.round(-low / scale)
    rounded = (torch.round(groups / scale) + zero).clamp(0, 2**bits - 1)
    return ((rounded - zero) * scale).reshape(rows, columns).to(weight.dtype)


def squared_error(weight: Any, bits: int, than: int) -> float:
    """The squared error of rounding `weight` to `bits`, as a share of that of `than` bits; 0 where
    neither changes anything."""
    errors = [
        float(
            (fake_quantized(weight.detach(), each).float() - weight.detach().float()).square().sum()
        )
        for each in (bits, than)
    ]
    return errors[0] / errors[1] if errors[1] else 0.0


def matrices(model: Any) -> dict[str, Any]:
    """Linear layers and the token embedding by name; a tied output layer counts once."""
    import torch

    kinds = (torch.nn.Linear, torch.nn.Embedding)
    seen: set[int] = set()
    found = {}
    for name, module in model.named_modules():
        if isinstance(module, kinds) and id(module.weight) not in seen:
            seen.add(id(module.weight))
            found[name] = module
    return found


def empty_model(full: Path) -> Any:
    """The model in `full` as its config has it, without weights: fit for names only."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(full))
