"""The C twins of features' integer models: one module a model, found by the name of its file."""

from __future__ import annotations

from typing import Final

from .interface import IntegerTwin

TWINS: Final[dict[str, IntegerTwin]] = {}
