"""What RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR check alike."""

from __future__ import annotations

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import data_tensor, output_tensor, require

from .shapes import constant_integers


def check_resize(graph: Graph, operator: Operator, place: str) -> None:
    """Check the constant size, options and shapes of (1, height, width, channels)."""
    source, target = data_tensor(graph, operator).shape, output_tensor(graph, operator).shape
    require(len(source) == 4 and source[0] == 1, place, f"takes {source}, not (1, height, width, channels)")
    size = constant_integers(graph, operator, place, 1, "size")
    require(target == (1, *size, source[3]), place, f"{source} resized to {size} is not {target}")
    options = operator.options
    require(
        not (options["align_corners"] and options["half_pixel_centers"]),
        place,
        "aligns corners and takes the centres of pixels at once; choose one of the two",
    )
