"""The models that can be trained, each with the pipeline that suits it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from zerotap.errors import ModelError

from .family import Family
from .raw import conv, dense, forest, keys, linear, separable, tcn
from .text import bag, conv_text, hashed_dense, rnn, table
from .user_model import FAMILY, SUFFIX, user_spec

MODELS: Final[dict[str, Family]] = {
    "dense": dense.SPEC,
    "conv": conv.SPEC,
    "separable": separable.SPEC,
    "tcn": tcn.SPEC,
    "keys": keys.SPEC,
    "forest": forest.SPEC,
    "linear": table.SPEC,
    "bag": bag.SPEC,
    "conv-text": conv_text.SPEC,
    "hashed-dense": hashed_dense.SPEC,
    "rnn": rnn.SPEC,
}
ALIASES: Final[dict[str, str]] = {"text": "bag"}
"""Other names of models, which earlier versions gave them."""
COMPARED: Final = ("dense", "conv", "text")
"""What is compared where none is named: small ones, raw and text."""
ON_FEATURES: Final[dict[str, Family]] = {"linear": linear.SPEC}
"""What a name of ``MODELS`` that reads words stands for where there are none: a model of features."""


def names() -> list[str]:
    """The names of all families, once each."""
    return list(dict.fromkeys([*MODELS, *ON_FEATURES]))


def is_family(name: str) -> bool:
    """Whether a model can be of a family of that name: a registered one, or a user's own."""
    return name == FAMILY or name in names()


def model_spec(name: str) -> Family:
    """Look a model up, under that name, or run a user's FILE.py; raises ModelError, with the known ones."""
    if name.endswith(SUFFIX):
        return user_spec(name)
    family = ALIASES.get(name, name)
    known = ON_FEATURES | MODELS
    if family not in known:
        raise ModelError(f"model {name!r} is unknown: choose one of {', '.join(names())}, or a FILE.py")
    return replace(known[family], name=name, family=family)


def without_words(spec: Family) -> Family:
    """What a model's name stands for where no words are to be read; itself where that is the same."""
    return ON_FEATURES.get(spec.name, spec) if spec.words else spec
