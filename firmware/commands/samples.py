"""Windows that a command is given as a .npy file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def load_samples(path: Path) -> NDArray[np.generic]:
    """The one array of a .npy file; raises ModelError where it is none."""
    import numpy as np

    try:
        samples = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelError(f"{path} is no readable .npy file: write it with numpy.save() ({error})") from error
    if not isinstance(samples, np.ndarray):
        raise ModelError(f"{path} holds several arrays: write one with numpy.save()")
    return samples
