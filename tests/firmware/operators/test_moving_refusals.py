"""Operators that move bytes, with what TensorFlow would refuse or read beyond: each named with its place."""

import re

import numpy as np
import pytest
from makers_core import Maker
from makers_moves import moved

from zerotap.errors import ModelError
from zerotap.firmware import Oracle, plan, read_tflite

REFUSED = {
    "a slice beyond the end": (
        ("SLICE", (1, 4), (1, 3), [("int32", [0, 2]), ("int32", [1, 3])], "SliceOptions"),
        "(1, 4) has no [1, 3] from [0, 2] on",
    ),
    "an empty slice": (
        ("SLICE", (1, 4), (1, 3), [("int32", [0, 2]), ("int32", [1, 0])], "SliceOptions"),
        "(1, 4) has no [1, 0] from [0, 2] on",
    ),
    "a multiple of 0": (
        ("TILE", (1, 4), (1, 4), [("int32", [1, 0])], "TileOptions"),
        "has the multiples [1, 0] of (1, 4)",
    ),
    "multiples that another output would hold": (
        ("TILE", (1, 4), (1, 4), [("int32", [1, 2])], "TileOptions"),
        "gives (1, 8), its output is (1, 4)",
    ),
    "a mirror wider than the image": (
        ("MIRROR_PAD", (1, 3), (1, 6), [("int32", [[0, 0], [3, 0]])], "MirrorPadOptions", {"mode": 0}),
        "(1, 3) cannot be mirrored by [0, 0, 3, 0]; pad less, or with zeros",
    ),
    "a third kind of mirror": (
        ("MIRROR_PAD", (1, 3), (1, 4), [("int32", [[0, 0], [1, 0]])], "MirrorPadOptions", {"mode": 2}),
        "has the mode 2",
    ),
    "blocks that the channels do not fill": (
        ("DEPTH_TO_SPACE", (1, 2, 2, 6), (1, 4, 4, 1), [], "DepthToSpaceOptions", {"blockSize": 2}),
        "(1, 2, 2, 6) with blocks of 2 cannot become (1, 4, 4, 1)",
    ),
    "blocks of nothing": (
        ("SPACE_TO_DEPTH", (1, 2, 2, 6), (1, 2, 2, 6), [], "SpaceToDepthOptions", {"blockSize": 0}),
        "with blocks of 0",
    ),
    "a size that the output has not": (
        ("RESIZE_BILINEAR", (1, 2, 2, 1), (1, 4, 4, 1), [("int32", [4, 5])], "ResizeBilinearOptions"),
        "(1, 2, 2, 1) resized to [4, 5] is not (1, 4, 4, 1)",
    ),
    "corners and centres at once": (
        (
            *("RESIZE_NEAREST_NEIGHBOR", (1, 2, 2, 1), (1, 4, 4, 1), [("int32", [4, 4])]),
            *("ResizeNearestNeighborOptions", {"alignCorners": True, "halfPixelCenters": True}),
        ),
        "aligns corners and takes the centres of pixels at once",
    ),
    "steps that round beyond the image": (
        ("RESIZE_BILINEAR", (1, 3, 1, 1), (1, 2000, 1, 1), [("int32", [2000, 1])], "ResizeBilinearOptions"),
        "TensorFlow reads beyond its input (1, 3, 1, 1)",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_no_kernel_could_compute_is_refused_by_name(tflite_writer, fault: str) -> None:
    (operator, *what), said = REFUSED[fault]
    maker = Maker(tflite_writer, operator, 0)
    content = maker.write(moved(maker, *what))
    with pytest.raises(ModelError, match=rf"layer 0 {operator} \(.*\): .*{re.escape(said)}"):
        plan(read_tflite(content))


def test_more_axes_than_loops_are_moved_in_several_blocks(tflite_writer) -> None:
    maker, shape, axes = Maker(tflite_writer, "TRANSPOSE", 0), (1, 2, 3, 2, 3, 2), (0, 5, 4, 3, 2, 1)
    target = tuple(shape[axis] for axis in axes)
    content = maker.write(moved(maker, shape, target, [("int32", list(axes))], "TransposeOptions"))
    planned = plan(read_tflite(content))
    sample = np.arange(72, dtype=np.int8).reshape(1, *shape)
    expected = Oracle(content).invoke(sample)
    assert np.array_equal(planned.layers[0].reference(planned.graph, sample[0]).ravel(), expected[0])
    emitted = planned.layers[0].choice.emit("layer")
    assert emitted.body.count("zerotap_move(") == 2


def test_slopes_that_widen_the_input_are_refused(tflite_writer) -> None:
    maker = Maker(tflite_writer, "PRELU", 0)
    content = maker.write(moved(maker, (1, 1, 3), (1, 2, 3), [("int8", np.ones((1, 2, 3)))]))
    with pytest.raises(ModelError, match=r"its slopes make \(1, 2, 3\) of \(1, 1, 3\)"):
        plan(read_tflite(content))
