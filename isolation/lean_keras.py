"""Keras without the packages that it imports only where they are installed: TensorFlow starts sooner.

Its wrappers for scikit-learn, its pictures and its viewer of files serve people at a prompt. Only a process
of zerotap's own does without them, never one into which zerotap is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

OPTIONAL: Final = ("sklearn", "matplotlib", "IPython")
"""Keras imports each in a ``try``, and takes an ImportError for an answer."""
_IMPORTING: Final = ("tensorflow", "keras")


class _Absent:
    """Finds no OPTIONAL package while TensorFlow or Keras is being imported; later, each is there as ever."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name in OPTIONAL and any(map(_is_being_imported, _IMPORTING)):
            raise ModuleNotFoundError(f"Keras does without {name} here", name=name)
        return None


def load_keras_lean() -> None:
    """From now on, what imports TensorFlow or Keras into this process leaves out the OPTIONAL packages."""
    if _Absent not in sys.meta_path:
        sys.meta_path.insert(0, _Absent)


def _is_being_imported(name: str) -> bool:
    # The mark by which Python itself tells a circular import.
    return getattr(getattr(sys.modules.get(name), "__spec__", None), "_initializing", False) is True
