"""int8, int4, W8A8, mixed and 16-bit weights through optimum's export and OpenVINO's NNCF.

Activations are quantized on the fly when the model runs (dynamic quantization), but for W8A8, whose
ranges calibration fixes beforehand (static quantization). The tokenizer is saved as OpenVINO models
too, so that openvino-genai can run the folder alone.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from quantize.layers import Layer, openvino_layers
from quantize.mixed import compress, uniform
from quantize.schemes import Scheme
from quantize.smooth import smooth


def quantize(full: Path, scheme: Scheme, out: Path, ids: Sequence[Sequence[int]] = ()) -> Any:
    """Export `full` to OpenVINO, quantize it, save to `out`; returns the model. `ids` are the token
    ids of the calibration texts, for schemes that take them."""
    import openvino
    from openvino_tokenizers import convert_tokenizer
    from optimum.intel import OVModelForCausalLM
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(full)
    before, export = tempfile.tempdir, out / "export"
    export.mkdir()
    tempfile.tempdir = str(export)  # optimum exports the 16-bit model to a temporary folder
    try:
        if "smooth_quant_alpha" in scheme.parameters:
            full = _smoothed(full, ids, scheme.parameters["smooth_quant_alpha"], export)
        model = OVModelForCausalLM.from_pretrained(
            str(full), export=True, compile=False, load_in_8bit=False
        )
        model.model = _quantized(model.model, scheme, ids)
        model.save_pretrained(out)
    finally:
        tempfile.tempdir = before
        shutil.rmtree(export, ignore_errors=True)  # 16-bit weights, still mapped while in use
    tokenizer.save_pretrained(out)
    encode, decode = convert_tokenizer(tokenizer, with_detokenizer=True)
    openvino.save_model(encode, out / "openvino_tokenizer.xml")
    openvino.save_model(decode, out / "openvino_detokenizer.xml")
    return model


def _smoothed(full: Path, ids: Sequence[Sequence[int]], alpha: float, scratch: Path) -> Path:
    """A checkpoint that computes the same with smaller outliers, in `scratch`."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(full, dtype=torch.bfloat16).eval()
    smooth(model, ids, alpha)
    model.save_pretrained(scratch / "smoothed")
    return scratch / "smoothed"


def _quantized(model: Any, scheme: Scheme, ids: Sequence[Sequence[int]]) -> Any:
    how = scheme.parameters
    data = _dataset(model, ids) if scheme.calibrated else None
    if "activation_bits" in how:
        return _static(model, data)
    layers = how.get("layers") or uniform(model, how["bits"], how.get("ends_bits", how["bits"]))
    return compress(model, layers, how.get("group_size", 0), how.get("sym", False), data)


def _static(model: Any, data: Any) -> Any:
    """Weights and activations at 8 bits, the activations' ranges as seen on `data`."""
    import nncf
    from nncf.openvino.engine import OVNativeEngine
    from nncf.quantization.advanced_parameters import (
        AdvancedQuantizationParameters,
        AdvancedSmoothQuantParameters,
    )

    # NNCF would collect the ranges in 32 bits, in twice the memory; where the processor computes in
    # 16 bits, ranges of that precision are what the model will meet.
    with mock.patch.object(OVNativeEngine.__init__, "__defaults__", (False,)):
        return nncf.quantize(
            model,
            data,
            subset_size=data.get_length(),
            model_type=nncf.ModelType.TRANSFORMER,
            advanced_parameters=AdvancedQuantizationParameters(
                smooth_quant_alphas=AdvancedSmoothQuantParameters(matmul=-1),  # done already
                disable_bias_correction=True,  # it takes hours on a language model
            ),
        )


def _dataset(model: Any, ids: Sequence[Sequence[int]]) -> Any:
    """The calibration data in the form of the exported model's inputs, a text at a time."""
    import nncf
    import numpy as np

    wanted = {name for value in model.inputs for name in value.get_names()}

    def inputs(tokens: Sequence[int]) -> dict[str, Any]:
        n = len(tokens)
        values = {
            "input_ids": np.array([tokens], dtype=np.int64),
            "attention_mask": np.ones((1, n), dtype=np.int64),
            "position_ids": np.arange(n, dtype=np.int64)[None],
            "beam_idx": np.zeros(1, dtype=np.int32),
        }
        return {name: value for name, value in values.items() if name in wanted}

    return nncf.Dataset(list(ids), inputs)


def load(folder: Path) -> Any:
    """The saved model, on optimum's runtime."""
    from optimum.intel import OVModelForCausalLM

    return OVModelForCausalLM.from_pretrained(str(folder), export=False, compile=False)


def layers(folder: Path, model: Any) -> list[Layer]:
    """Bits and bytes of every layer, read from the saved file."""
    return openvino_layers(folder)
