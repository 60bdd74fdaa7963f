"""PLAN -> MODEL: layers at 4, 8 and 16 bits in one OpenVINO model, by passes of NNCF.

The first pass compresses to 4 bits all that is not to have more, the second to 8 bits what is left
and not to stay at 16. NNCF is told nodes, plans name layers: the model itself says which node
multiplies which layer's weight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from quantize.errors import SchemeError

GROUP_SIZE = 64
_THROUGH = ("Convert", "Reshape", "Transpose", "Multiply", "Subtract")
_WEIGHTED = ("MatMul", "Gather")


def compress(model: Any, layers: Mapping[str, int]) -> Any:
    """The OpenVINO model (16-bit weights) with `layers` at their bits. SchemeError where the plan
    and the model do not have the same layers."""
    import nncf

    nodes = weighted_nodes(model)
    check_names(layers, nodes)

    def named(*bits: int) -> Any:
        names = [node for layer, found in nodes.items() if layers[layer] in bits for node in found]
        return nncf.IgnoredScope(names=names, validate=False)

    if 4 in layers.values():
        model = nncf.compress_weights(
            model,
            mode=nncf.CompressWeightsMode.INT4_ASYM,
            group_size=GROUP_SIZE,
            ratio=1.0,
            all_layers=True,
            ignored_scope=named(8, 16),
        )
    if 8 in layers.values():
        model = nncf.compress_weights(
            model, mode=nncf.CompressWeightsMode.INT8_ASYM, ignored_scope=named(4, 16)
        )
    return model


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
