"""Erfc for tf2onnx, which lacks it; TensorFlow's GELU uses this operation."""

from __future__ import annotations

from typing import Any

import numpy as np


def register_erfc() -> None:
    """Makes tf2onnx write TensorFlow's Erfc as 1 - Erf, in float32."""
    from tf2onnx.handler import tf_op

    @tf_op("Erfc")
    class Erfc:
        """The handler that tf2onnx looks up for the operation."""

        @classmethod
        def version_9(cls, graph: Any, node: Any, **_: Any) -> None:
            """Replaces the node; valid from ONNX's operator set 9 on, which introduced Erf."""
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
