"""The schemes: how many bits, with which library, and the parameters that were measured to work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

from quantize.errors import SchemeError
from quantize.mixed import GROUP_SIZE
from quantize.smooth import ALPHA

Backend = Literal["openvino", "bitsandbytes"]
GROUP_SIZES = (32, 64, 128, 256)
END_BITS = (4, 8, 16)
_MARK = re.compile(r"-[0-9a-f]{8}$")  # of calibration texts, after the scheme


@dataclass(frozen=True)
class Scheme:
    """One way to quantize. `parameters` go to the backend; `calibrated` ones need texts, too."""

    name: str
    backend: Backend
    bits: int
    parameters: MappingProxyType[str, Any]
    what: str
    calibrated: bool = False


_INT4 = {"bits": 4, "sym": False, "group_size": GROUP_SIZE, "ends_bits": 8}
SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        Scheme(
            "bf16",
            "openvino",
            16,
            MappingProxyType({"bits": 16}),
            "16-bit weights, not quantized: the full model on the engine of the quantized ones",
        ),
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
            MappingProxyType(_INT4),
            "4-bit weights in groups of 64 with zero points, embeddings and output layer 8-bit",
        ),
        Scheme(
            "int4-awq",
            "openvino",
            4,
            MappingProxyType(_INT4 | {"awq": True, "scale_estimation": True}),
            "int4 with activation-aware scaling (AWQ, Lin et al. 2023) and scale estimation",
            calibrated=True,
        ),
        Scheme(
            "w8a8",
            "openvino",
            8,
            MappingProxyType({"bits": 8, "activation_bits": 8, "smooth_quant_alpha": ALPHA}),
            "8-bit weights and activations, ranges fixed by calibration (SmoothQuant, Xiao et al. "
            "2022)",
            calibrated=True,
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


def mixed(layers: Mapping[str, int], calibrated: bool = False) -> Scheme:
    """The scheme of a plan: every layer with bits of its own, those at 4 bits with AWQ and scale
    estimation if `calibrated`."""
    how = {"awq": True, "scale_estimation": True} if calibrated else {}
    return Scheme(
        "mixed",
        "openvino",
        4,
        MappingProxyType({"group_size": GROUP_SIZE, "layers": dict(layers), **how}),
        "every layer at the bits its plan gives it",
        calibrated,
    )


def scheme_named(
    name: str,
    group_size: int | None = None,
    ends_bits: int | None = None,
    symmetric: bool | None = None,
) -> Scheme:
    """The scheme, with other parameters where given; its name then says so ("int4-g128-e4-sym").
    SchemeError listing the schemes there are, or the values a parameter may have."""
    if name not in SCHEMES:
        raise SchemeError(f"no scheme {name!r}; choose one of {', '.join(SCHEMES)}")
    scheme = SCHEMES[name]
    given = {"group_size": group_size, "ends_bits": ends_bits, "sym": symmetric}
    changed = {
        key: value
        for key, value in given.items()
        if value is not None and value != scheme.parameters.get(key)
    }
    if changed and "group_size" not in scheme.parameters:
        raise SchemeError(
            f"{name} has no group size, output bits or symmetry to choose; the int4 schemes do"
        )
    if group_size is not None and group_size not in GROUP_SIZES:
        raise SchemeError(f"no group size {group_size}: choose of {_listed(GROUP_SIZES)}")
    if ends_bits is not None and ends_bits not in END_BITS:
        raise SchemeError(f"no output layer of {ends_bits} bits: choose of {_listed(END_BITS)}")
    if not changed:
        return scheme
    marks = {"group_size": f"g{group_size}", "ends_bits": f"e{ends_bits}", "sym": "sym"}
    return replace(
        scheme,
        name="-".join([name, *(marks[key] for key in changed)]),
        parameters=MappingProxyType({**scheme.parameters, **changed}),
    )


def made_by(folder: str) -> str | None:
    """The options of `tenq quantize` that a folder of that name was made by, as far as the name
    tells ("w8a8-1f0c9a3e" names its texts, "int4-g32" int4's own choices); None for other names."""
    name = _MARK.sub("", folder)
    if name == "mixed":
        return "--plan FILE"
    if name.startswith("int4-"):
        name = "int4-awq" if name.startswith("int4-awq") else "int4"
    if name not in SCHEMES:
        return None
    return f"--scheme {name}" + (" --calibration PATH" if SCHEMES[name].calibrated else "")


def _listed(values: tuple[int, ...]) -> str:
    return ", ".join(map(str, values))
