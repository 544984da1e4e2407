"""An operation that tf2onnx lacks: that of GELU on TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np


def register_erfc() -> None:
    """Lets tf2onnx write TensorFlow's Erfc as 1 - Erf, of float32."""
    from tf2onnx.handler import tf_op

    @tf_op("Erfc")
    class Erfc:
        """How tf2onnx looks it up."""

        @classmethod
        def version_9(cls, graph: Any, node: Any, **_: Any) -> None:
            """Takes the node's place from ONNX's ninth set of operations on, which brought Erf."""
            shapes, dtypes = node.output_shapes, node.output_dtypes
            one = graph.make_const(f"{node.name}_one", np.array(1, np.float32))
            erf = graph.make_node("Erf", node.input)
            graph.remove_node(node.name)
            graph.make_node(
                "Sub",
                [one.output[0], erf.output[0]],
                outputs=node.output,
                name=node.name,
                shapes=shapes,
                dtypes=dtypes,
            )
