"""The schemes: how many bits, with which library, and the parameters that were measured to work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from quantize.errors import SchemeError

Backend = Literal["openvino", "bitsandbytes"]


@dataclass(frozen=True)
class Scheme:
    """One way to quantize. `parameters` go to the backend's own configuration as they are."""

    name: str
    backend: Backend
    bits: int
    parameters: MappingProxyType[str, Any]
    what: str


SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        Scheme(
            "int8",
            "openvino",
            8,
            MappingProxyType({"bits": 8, "sym": False}),
            "8-bit weights, one scale per output channel; activations quantized on the fly",
        ),
        Scheme(
            "int4",
            "openvino",
            4,
            MappingProxyType(
                {
                    "bits": 4,
                    "sym": False,
                    "group_size": 64,
                    "ratio": 1.0,
                    "group_size_fallback": "adjust",
                }
            ),
            "4-bit weights in groups of 64 with zero points, embeddings and output layer 8-bit",
        ),
        Scheme(
            "bnb-int8",
            "bitsandbytes",
            8,
            MappingProxyType({"load_in_8bit": True}),
            "LLM.int8(): 8-bit weights, outlier columns in 16-bit (Dettmers et al. 2022)",
        ),
        Scheme(
            "bnb-nf4",
            "bitsandbytes",
            4,
            MappingProxyType(
                {
                    "load_in_4bit": True,
                    "bnb_4bit_quant_type": "nf4",
                    "bnb_4bit_use_double_quant": True,
                }
            ),
            "NormalFloat4 weights with double quantization (QLoRA, Dettmers et al. 2023)",
        ),
    )
}


def mixed(layers: Mapping[str, int]) -> Scheme:
    """The scheme of a plan: every layer with bits of its own."""
    return Scheme(
        "mixed",
        "openvino",
        4,
        MappingProxyType({"group_size": 64, "layers": dict(layers)}),
        "every layer at the bits its plan gives it",
    )


def scheme_named(name: str) -> Scheme:
    """The scheme, or SchemeError listing those there are."""
    if name not in SCHEMES:
        raise SchemeError(f"no scheme {name!r}; choose one of {', '.join(SCHEMES)}")
    return SCHEMES[name]
