"""Windows as a model's door takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def model_input(x: NDArray[Any]) -> NDArray[Any]:
    """Scale windows for a model's door: bytes become float32 byte / 255 (0 to 1), ids stay int32.

    int8 is taken as byte - 128. Raises ModelError for int16, which a model's int8 input cannot hold.
    """
    if x.dtype == np.int16:
        raise ModelError("the pipeline gives int16, a model takes int8: end the pipeline with range_scale")
    if x.dtype == np.int8:
        x = (x.view(np.uint8) ^ 128).astype(np.uint8)
    return x.astype(np.float32) / np.float32(255) if x.dtype == np.uint8 else x
