"""Every scheme on a small real model: made, saved, loaded by the engine that answers with it."""

from __future__ import annotations

from math import prod
from pathlib import Path

import pytest

from assistant.engine import load_engine
from quantize.calibration import Calibration
from quantize.layers import table
from quantize.quantize import quantize
from quantize.schemes import SCHEMES

pytestmark = pytest.mark.e2e
SMOLLM2 = "smollm2-135m"
WHOLE = ("int8", "bnb-int8", "bnb-nf4")  # the others take long: they are made of a few blocks


@pytest.fixture(scope="module")
def first_blocks(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The first 6 of its 30 blocks, with the weights they have there."""
    from transformers import AutoTokenizer

    from quantize.sources import bring
    from quantize.torch_model import load

    full, cut = bring(SMOLLM2, models_dir).folder, tmp_path_factory.mktemp("first-blocks")
    load(full, num_hidden_layers=6).save_pretrained(cut)
    AutoTokenizer.from_pretrained(full).save_pretrained(cut)
    return str(cut)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_real_model_is_made_and_answers(
    scheme: str, first_blocks: str, models_dir: Path, tmp_path: Path, calibration: Calibration
) -> None:
    known = SCHEMES[scheme]
    model, blocks = (SMOLLM2, 30) if scheme in WHOLE else (first_blocks, 6)
    folder, manifest = quantize(
        *(model, scheme, tmp_path / scheme, models_dir),
        check=False,  # loading it, below, is the check here; tests of the tiny model compare tokens
        calibration=calibration if known.calibrated else None,
    )
    layers = {layer.name: layer for layer in manifest.layers}
    inner = [layer for layer in layers.values() if ".layers." in layer.name]
    assert len(inner) == blocks * 7 and {layer.bits for layer in inner} == {known.bits}
    assert all(layer.name in table(manifest.layers) for layer in inner)
    # The file is as large as the bits say; scales and zero points are a tenth at most.
    layers.pop("lm_head", None)  # the embedding's own matrix, which torch lists under both names
    bits = sum(prod(layer.shape) * layer.bits / 8 for layer in layers.values())
    assert bits <= manifest.bytes_after < 1.1 * bits
    assert manifest.peak_memory_bytes and manifest.peak_memory_bytes > manifest.bytes_after
    engine = load_engine(str(folder), models_dir)
    asked = [{"role": "user", "content": "What is the capital of France?"}]
    said = "".join(engine.stream(asked, 12))
    assert "Paris" in said if scheme in WHOLE else said, said
    assert engine.scheme == scheme and engine.usage is not None
    assert 0 < engine.usage.completion_tokens <= 12
