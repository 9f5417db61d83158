"""Tables of words: nothing in them tells the words that were typed from those that were not.

A table has a row for every word that there could be, and training moves the rows of the words that it saw. A
row that it left alone would say so: by the value that the seed gave it, by its norm, or by being like the
others that were left alone. So every row begins as the same one, and afterwards the rows that were left
alone become decoys. ``level_tables`` and ``hide_unseen_words`` stand around the fitting of every family.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

# Tried on tables of 128 to 4,096 rows: other values parted some by a nearest neighbour, or by an outlier.
_COPIES = 2  # decoys to each trained row from which on copies hide it
_NEIGHBOURS = 6


def tables_of(model: keras.Model) -> list[keras.Variable]:
    """Find a model's tables, float32 (rows, width): those of HashedEmbedding and of Keras's Embedding."""
    from keras import layers

    from .hashed_embedding import HashedEmbedding

    found = []
    for layer in model._flatten_layers():
        if isinstance(layer, HashedEmbedding):
            found.append(layer.table)
        elif isinstance(layer, layers.Embedding):
            found.append(layer.embeddings)
    return found


def level_tables(model: keras.Model) -> list[NDArray[np.float32]]:
    """Before training: let every row of each table begin as its first one; returns those, (width,) each.

    A trained row then keeps no trace of a value of its own that the seed would give again.
    """
    starts = []
    for table in tables_of(model):
        rows = np.asarray(table)
        starts.append(rows[0].copy())
        table.assign(np.broadcast_to(rows[:1], rows.shape))
    return starts


def hide_unseen_words(model: keras.Model, starts: list[NDArray[np.float32]]) -> None:
    """After training: make decoys of the rows that are as ``level_tables`` left them.

    ``starts`` is what it returned. The randomness is the operating system's and is recorded nowhere: the same
    seed does not give the same decoys. Rows that were trained stay as they are.
    """
    generator = np.random.default_rng(secrets.randbits(256))
    for table, start in zip(tables_of(model), starts, strict=True):
        table.assign(with_decoys(np.asarray(table), start, generator))


def with_decoys(
    rows: NDArray[np.float32], start: NDArray[np.float32], generator: np.random.Generator
) -> NDArray[np.float32]:
    """Replace the rows of a table (rows, width) that equal ``start`` (width,) by decoys.

    Row 0 is the padding's, no word's: it is replaced like the others, and no decoy is made of it. A table
    without a trained row stays as it is: its rows are all alike.
    """
    unseen = (rows == start).all(axis=1)
    trained = rows[1:][~unseen[1:]]
    if not len(trained):
        return rows
    hidden = rows.copy()
    hidden[unseen] = decoys(trained, int(unseen.sum()), generator)
    return hidden


def decoys(trained: NDArray[np.float32], count: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """``count`` rows that cannot be told from the ``trained`` ones (n, width).

    Where they are many, they are copies, of each row as many: which of some equal rows is the trained one
    cannot be said. Where they are few, the rows without a copy would give themselves away; each is then a
    trained row moved by a random sum of the ways to its neighbours.
    """
    sources = _evenly(len(trained), count, generator)
    if count >= _COPIES * len(trained):
        return trained[sources]
    return _between_neighbours(trained, sources, generator)


def _evenly(rows: int, count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """``count`` indices below ``rows``, in random order, each as often as the others or once more."""
    rounds = [generator.permutation(rows) for _ in range(-(-count // rows))]
    indices = np.concatenate([np.empty(0, np.int64), *rounds])[:count]
    return generator.permutation(indices)


def _between_neighbours(
    trained: NDArray[np.float32], sources: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.float32]:
    from scipy.spatial import cKDTree

    near = min(_NEIGHBOURS, len(trained) - 1)
    _, neighbours = cKDTree(trained).query(trained[sources], k=range(1, near + 2))
    ways = trained[neighbours] - trained[sources][:, None]
    shares = generator.normal(0, max(near, 1) ** -0.5, (len(sources), near + 1, 1))
    moved: NDArray[np.float32] = (trained[sources] + (shares * ways).sum(axis=1)).astype(np.float32)
    return moved
