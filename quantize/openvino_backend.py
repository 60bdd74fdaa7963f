"""int8, int4 and mixed weights through optimum and OpenVINO's NNCF; activations are quantized on
the fly when the model runs (dynamic quantization).

The tokenizer is saved as OpenVINO models too, so that openvino-genai can run the folder alone.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from quantize.layers import Layer, openvino_layers
from quantize.mixed import compress
from quantize.schemes import Scheme


def quantize(full: Path, scheme: Scheme, out: Path) -> Any:
    """Export `full` to OpenVINO, compress its weights, save to `out`; returns the model."""
    import openvino
    from openvino_tokenizers import convert_tokenizer
    from optimum.intel import OVModelForCausalLM, OVWeightQuantizationConfig
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(full)
    before, export = tempfile.tempdir, out / "export"
    export.mkdir()
    tempfile.tempdir = str(export)  # optimum exports the 16-bit model to a temporary folder
    try:
        layers = scheme.parameters.get("layers")
        how: dict[str, Any] = (
            {"load_in_8bit": False}
            if layers
            else {"quantization_config": OVWeightQuantizationConfig(**scheme.parameters)}
        )
        model = OVModelForCausalLM.from_pretrained(str(full), export=True, compile=False, **how)
        if layers:
            model.model = compress(model.model, layers)
        model.save_pretrained(out)
    finally:
        tempfile.tempdir = before
        shutil.rmtree(export, ignore_errors=True)  # 16-bit weights, still mapped while in use
    tokenizer.save_pretrained(out)
    encode, decode = convert_tokenizer(tokenizer, with_detokenizer=True)
    openvino.save_model(encode, out / "openvino_tokenizer.xml")
    openvino.save_model(decode, out / "openvino_detokenizer.xml")
    return model


def load(folder: Path) -> Any:
    """The saved model, on optimum's runtime."""
    from optimum.intel import OVModelForCausalLM

    return OVModelForCausalLM.from_pretrained(str(folder), export=False, compile=False)


def layers(folder: Path, model: Any) -> list[Layer]:
    """Bits and bytes of every layer, read from the saved file."""
    return openvino_layers(folder)
