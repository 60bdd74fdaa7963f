"""What every layer became: name, bits, bytes. Quantization libraries skip layers that do not fit
without a word, so the table is read from the saved model, never from what was asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BITS = {"i4": 4, "u4": 4, "i8": 8, "u8": 8, "f16": 16, "bf16": 16, "f32": 32, "nf4": 4, "f64": 64}
_WEIGHT_MARK = "._openvino_orig_weight"


@dataclass(frozen=True)
class Layer:
    """A weight matrix: `bits` of its elements as stored; `bytes` with scales and zero points."""

    name: str
    bits: int
    shape: tuple[int, ...]
    bytes: int


def openvino_layers(folder: Path) -> list[Layer]:
    """The weight matrices of the OpenVINO model in `folder`, in the order of the network."""
    import openvino

    model = openvino.Core().read_model(folder / "openvino_model.xml")
    constants: dict[str, list[Any]] = defaultdict(list)
    for op in model.get_ordered_ops():
        name = _layer_of(op) if op.get_type_name() == "Constant" else None
        if name:
            constants[name].append(op)
    layers = []
    for name, ops in constants.items():
        weight = max(ops, key=lambda op: len(op.get_output_shape(0)))
        shape = tuple(weight.get_output_shape(0))
        elements = _product(shape)
        kind = weight.get_element_type().get_type_name()
        if len(shape) < 2 or kind not in _BITS or elements < 1024:
            continue
        stored = sum(
            _product(op.get_output_shape(0)) * op.get_element_type().bitwidth // 8 for op in ops
        )
        shape = (shape[0], _product(shape[1:]))  # grouped (out, groups, size) -> (out, in)
        layers.append(Layer(name, _BITS[kind], shape, stored))
    return sorted(layers, key=lambda layer: _natural(layer.name))


def _layer_of(constant: Any) -> str | None:
    """The layer that a weight, a scale or a zero point belongs to. Compressed weights keep the
    layer's name; those of W8A8 are nameless, and what multiplies them carries it."""
    name = constant.get_friendly_name()
    if name.startswith("self."):
        return str(name).split("/")[0].removeprefix("self.").removesuffix(_WEIGHT_MARK)
    node = constant
    while node.get_type_name() in ("Constant", "Convert"):
        node = next(iter(node.output(0).get_target_inputs())).get_node()
    name = node.get_friendly_name()
    if not (name.startswith("__module.") and "/fq_weights_" in name):
        return None
    return str(name).split("/")[0].removeprefix("__module.")


def torch_layers(network: Any) -> list[Layer]:
    """The weight matrices of a torch model, bitsandbytes' packed ones included."""
    layers = []
    for name, module in network.named_modules():
        weight = getattr(module, "weight", None)
        if weight is None or (weight.dim() < 2 and not hasattr(weight, "quant_state")):
            continue
        state = getattr(weight, "quant_state", None)
        stored = weight.numel() * weight.element_size()
        shape, bits = tuple(weight.shape), 8 * weight.element_size()
        if state is not None:
            shape, bits = tuple(state.shape), 4
            stored += _state_bytes(state)
        layers.append(Layer(name, bits, shape, stored))
    return sorted(layers, key=lambda layer: _natural(layer.name))


def _state_bytes(state: Any) -> int:
    """Bytes of bitsandbytes' scales, nested (double-quantized) ones included."""
    total = state.absmax.numel() * state.absmax.element_size()
    if getattr(state, "state2", None) is not None:
        total += state.state2.absmax.numel() * state.state2.absmax.element_size()
    return int(total)


def table(layers: list[Layer]) -> str:
    """The layers as text, one line each, and a last line that sums up by bits."""
    width = max((len(layer.name) for layer in layers), default=5)
    lines = [f"{'layer':<{width}}  bits  {'shape':>15}  {'bytes':>13}"]
    for layer in layers:
        shape = " x ".join(map(str, layer.shape))
        lines.append(f"{layer.name:<{width}}  {layer.bits:>4}  {shape:>15}  {layer.bytes:>13,}")
    count: Counter[int] = Counter()
    for layer in layers:
        count[layer.bits] += 1
    summary = ", ".join(f"{n} at {bits} bits" for bits, n in sorted(count.items()))
    return "\n".join([*lines, f"{len(layers)} layers: {summary}"])


def _product(shape: Any) -> int:
    total = 1
    for size in shape:
        total *= int(size)
    return total


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key that puts layers.2 before layers.10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in name.split(".")]
