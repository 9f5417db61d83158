"""The models that can be trained, each with the pipeline that suits it."""

from __future__ import annotations

from typing import Final

from zerotap.errors import ModelError

from . import conv, dense, text
from .family import Family

MODELS: Final[dict[str, Family]] = {"dense": dense.SPEC, "conv": conv.SPEC, "text": text.SPEC}
ON_FEATURES: Final[dict[str, Family]] = {}
"""What a name of ``MODELS`` that reads words stands for where there are none: a model of features."""


def model_spec(name: str) -> Family:
    """Look a model up; an unknown name raises ModelError with the known ones."""
    if name not in MODELS:
        raise ModelError(f"model {name!r} is unknown: choose one of {', '.join(MODELS)}")
    return MODELS[name]


def without_words(spec: Family) -> Family:
    """What a model's name stands for where no words are to be read; itself where that is the same."""
    return ON_FEATURES.get(spec.name, spec) if spec.words else spec
