"""Seeds of training: what Keras, TensorFlow and NumPy all take."""

from __future__ import annotations

from typing import Final

from zerotap.errors import ModelError

SEED_MAX: Final = 2**32 - 1


def check_seed(seed: int) -> None:
    """Raise ModelError unless ``seed`` is a whole number from 0 to SEED_MAX."""
    if type(seed) is not int or not 0 <= seed <= SEED_MAX:
        raise ModelError(f"seed {seed!r} is none that training takes: give a whole number, 0 to {SEED_MAX:,}")
