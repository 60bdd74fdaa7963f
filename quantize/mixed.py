"""LAYERS AND THEIR BITS -> MODEL: weights at 4, 8 and 16 bits in one OpenVINO model, by NNCF.

The first pass compresses to 4 bits all that is not to have more, the second to 8 bits what is left
and not to stay at 16. With calibration data, the first pass weighs the errors of rounding by the
activations: AWQ (Lin et al. 2023) scales up the input channels that matter, scale estimation then
fits each group's scale. NNCF is told nodes, plans name layers: the model itself says which node
multiplies which layer's weight.

AWQ moves the scales of a layer behind a product (a gated MLP's last) into the one before it, for
which NNCF has no activations where that one is not at 4 bits, too: such a layer goes without AWQ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from typing import Any

from quantize.errors import SchemeError

GROUP_SIZE = 64
_THROUGH = ("Convert", "Reshape", "Transpose", "Multiply", "Subtract")
_RESHAPED = ("Convert", "Reshape", "Transpose")
_WEIGHTED = ("MatMul", "Gather")


def compress(
    model: Any,
    layers: Mapping[str, int],
    group_size: int = GROUP_SIZE,
    symmetric: bool = False,
    data: Any = None,
) -> Any:
    """The OpenVINO model (16-bit weights) with `layers` at their bits. `data` (an nncf.Dataset)
    turns on AWQ and scale estimation. SchemeError where the plan and the model do not have the same
    layers."""
    import nncf
    from nncf.quantization.advanced_parameters import (
        AdvancedCompressionParameters,
        GroupSizeFallbackMode,
    )

    nodes = weighted_nodes(model)
    check_names(layers, nodes)
    mode = nncf.CompressWeightsMode

    def but(*kept: str) -> Any:
        """All nodes but those of the layers `kept`."""
        names = [node for layer, found in nodes.items() if layer not in kept for node in found]
        return nncf.IgnoredScope(names=names, validate=False)

    fours = {layer for layer, bits in layers.items() if bits == 4}
    without_awq = _behind_others(model, nodes, fours) if data else set()
    for chosen, awq in ((fours - without_awq, True), (without_awq, False)):
        if not chosen:
            continue
        model = nncf.compress_weights(
            model,
            mode=mode.INT4_SYM if symmetric else mode.INT4_ASYM,
            group_size=group_size,
            ratio=1.0,
            all_layers=True,
            ignored_scope=but(*chosen),
            dataset=data,
            awq=awq if data else None,
            scale_estimation=True if data else None,
            advanced_parameters=AdvancedCompressionParameters(
                group_size_fallback_mode=GroupSizeFallbackMode.ADJUST
            ),
        )
    eights = {layer for layer, bits in layers.items() if bits == 8}
    if eights:
        model = nncf.compress_weights(model, mode=mode.INT8_ASYM, ignored_scope=but(*eights))
    return model


def _behind_others(model: Any, nodes: Mapping[str, list[str]], chosen: Set[str]) -> set[str]:
    """Those of the layers `chosen` that read a product of what another layer puts out which is not
    chosen."""
    layer_of = {node: layer for layer, found in nodes.items() for node in found}
    found: set[str] = set()
    for op in model.get_ordered_ops():
        layer = layer_of.get(op.get_friendly_name())
        if layer is None or layer not in chosen or op.get_type_name() != "MatMul":
            continue
        product = _source(op, 0)
        if product.get_type_name() != "Multiply":
            continue
        factors = {layer_of.get(_source(product, n).get_friendly_name()) for n in (0, 1)}
        if factors - {None} - set(chosen):
            found.add(layer)
    return found


def _source(op: Any, number: int) -> Any:
    """The node that an input comes from, whatever its shape and type became on the way."""
    source = op.input(number).get_source_output().get_node()
    while source.get_type_name() in _RESHAPED:
        source = source.input(0).get_source_output().get_node()
    return source


def uniform(model: Any, bits: int, ends_bits: int) -> dict[str, int]:
    """Every layer at `bits`, but the token embedding and the output layer at `ends_bits`."""
    nodes = weighted_nodes(model)
    ends = _ends(model, nodes)
    return {layer: ends_bits if layer in ends else bits for layer in nodes}


def _ends(model: Any, nodes: Mapping[str, list[str]]) -> set[str]:
    """The layers that rows are looked up in, and the one that multiplies last: one and the same
    where the model ties them."""
    kinds = {op.get_friendly_name(): op.get_type_name() for op in model.get_ordered_ops()}
    order = {name: n for n, name in enumerate(kinds)}
    looked_up = {
        layer for layer, names in nodes.items() if any(kinds[name] == "Gather" for name in names)
    }
    last = max(nodes, key=lambda layer: max(order[name] for name in nodes[layer]))
    return looked_up | {last}


def weighted_nodes(model: Any) -> dict[str, list[str]]:
    """Layer name -> names of the nodes that use its weight."""
    found: dict[str, list[str]] = defaultdict(list)
    for op in model.get_ordered_ops():
        if op.get_type_name() not in _WEIGHTED:
            continue
        for value in op.inputs():
            source = value.get_source_output().get_node()
            while source.get_type_name() in _THROUGH:
                source = source.input(0).get_source_output().get_node()
            name = source.get_friendly_name()
            shape = source.get_output_shape(0) if source.get_type_name() == "Constant" else ()
            if name.startswith("self.") and len(shape) >= 2:
                layer = name.split("/")[0].removeprefix("self.")
                found[layer.removesuffix("._openvino_orig_weight").removesuffix(".weight")].append(
                    op.get_friendly_name()
                )
    return dict(found)


def check_names(layers: Mapping[str, int], known: Mapping[str, object]) -> None:
    """SchemeError naming the first layer that only one of the two has."""
    for name in layers:
        if name not in known:
            raise SchemeError(f"the plan names a layer that the model does not have: {name}")
    for name in known:
        if name not in layers:
            raise SchemeError(f"the plan says nothing of the layer {name}")
