"""What is wrong with a tensor's scales, where it is TensorFlow that says so."""

from __future__ import annotations


def scales_fault(scales: int, shape: tuple[int, ...], axis: int) -> str:
    """What TensorFlow says of it as it loads the file: no interpreter runs such a one."""
    channels = shape[axis] if 0 <= axis < len(shape) else 0
    words = (
        f"num_scales must be 1 or {channels}, but got {scales}"
        if channels
        else f"quantized_dimension must be in range [0, {len(shape)}). Was {axis}"
    )
    return (
        f"has {scales} scales for the shape {shape} along axis {axis}; TensorFlow itself refuses the file "
        f"({words}), so there are no bits to be equal to: give the float model to `zerotap quantise`"
    )
