"""The secret that decoys of words are drawn by: it stays with the dataset and is in no model."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Final

from zerotap.errors import OutputError

if TYPE_CHECKING:
    import keras

    from zerotap.capture import Dataset

_SECRET_BYTES: Final = 32

_log = logging.getLogger(__name__)


def has_tables(model: keras.Model) -> bool:
    """Whether a model has a table of words, which is what decoys hide something in."""
    from .decoys import tables_of

    return bool(tables_of(model))


def secret_for(dataset: Dataset, *, is_needed: bool) -> bytes:
    """Return what decoys are drawn by: the dataset's secret where it ``is_needed``, by a table of words.

    Where the dataset's folder takes none it is drawn for this once, and a warning says so.
    """
    if is_needed:
        try:
            return dataset.secret()
        except OutputError as error:
            _log.warning(
                "%s; as the dataset cannot keep a secret, words that were not typed are hidden anew in every "
                "model: give only one model of this dataset away",
                error,
            )
    return secrets.token_bytes(_SECRET_BYTES)
