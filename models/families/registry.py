"""The models that can be trained, each with the pipeline that suits it."""

from __future__ import annotations

from typing import Final

from zerotap.errors import ModelError

from . import conv, dense, text
from .family import ModelSpec

MODELS: Final[dict[str, ModelSpec]] = {"dense": dense.SPEC, "conv": conv.SPEC, "text": text.SPEC}


def model_spec(name: str) -> ModelSpec:
    """Look a model up; an unknown name raises ModelError with the known ones."""
    if name not in MODELS:
        raise ModelError(f"model {name!r} is unknown: choose one of {', '.join(MODELS)}")
    return MODELS[name]
