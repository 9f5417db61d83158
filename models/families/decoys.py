"""Tables of words: nothing in them tells the words that were typed from those that were not.

A table has a row for every word that there could be, and training moves the rows of the words that it saw. A
row that it left alone would say so: by the value that the seed gave it, by its norm, or by being like the
others that were left alone. So every row begins as the same one, and afterwards the rows that were left
alone become decoys. ``level_tables`` and ``hide_unseen_words`` stand around the fitting of every family.

Whoever holds two models of one dataset compares them: what was trained comes out equal, or does the same in
both. So decoys are equal too. They are drawn by a secret that stays with the dataset, and a row's decoy is
made of the same trained row in every model, as far as training moved the same rows.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

# Tried on tables of 128 to 4,096 rows: other values parted some by a nearest neighbour, or by an outlier.
_COPIES = 2  # decoys to each trained row from which on copies hide it
_AT_A_TIME = 256


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


def hide_unseen_words(model: keras.Model, starts: list[NDArray[np.float32]], secret: bytes) -> None:
    """After training: make decoys of the rows that are as ``level_tables`` left them.

    ``starts`` is what it returned; ``secret`` is the dataset's, and unknown to whoever gets the model: it
    gives the same decoys again for the same trained rows. Rows that were trained stay as they are.
    """
    for place, (table, start) in enumerate(zip(tables_of(model), starts, strict=True)):
        key = blake2b(secret, person=f"decoys {place}".encode()).digest()
        generator = np.random.default_rng(int.from_bytes(key, "little"))
        table.assign(with_decoys(np.asarray(table), start, generator))


def with_decoys(
    rows: NDArray[np.float32], start: NDArray[np.float32], generator: np.random.Generator
) -> NDArray[np.float32]:
    """Replace the rows of a table (rows, width) that equal ``start`` (width,) by decoys.

    Row 0 is the padding's, no word's: it is replaced like the others, and no decoy is made of it. A table
    without a trained row stays as it is: its rows are all alike.

    Where decoys are many, they are copies, of each trained row as many: which of some equal rows is the
    trained one cannot be said. Where they are few, the rows without a copy would give themselves away; each
    is then a trained row moved by a random sum of the ways to its neighbours.
    """
    return _hidden(rows, (rows == start).all(axis=1), generator)


def decoys_for(weights: NDArray[Any], seen: NDArray[np.bool_], secret: bytes) -> NDArray[Any]:
    """Replace the rows of weights (rows, width) that are not ``seen``, bool (rows,), as ``with_decoys`` does.

    For tables that begin with nothing, where a row's value does not say whether it was trained: many that
    were are 0. No row is the padding's.
    """
    key = blake2b(secret, person=b"decoys of linear").digest()
    generator = np.random.default_rng(int.from_bytes(key, "little"))
    padded = np.concatenate([weights[:1], weights])
    return _hidden(padded, np.concatenate([[False], ~seen]), generator)[1:]


def _hidden(rows: NDArray[Any], unseen: NDArray[np.bool_], generator: np.random.Generator) -> NDArray[Any]:
    trained = np.flatnonzero(~unseen[1:]) + 1
    if not len(trained) or not unseen.any():
        return rows
    sources = _sources(trained, np.flatnonzero(unseen), len(rows), generator)
    hidden = rows.copy()
    if len(sources) >= _COPIES * len(trained):
        hidden[unseen] = rows[sources]
    else:
        hidden[unseen] = _between_neighbours(rows, trained, sources, np.flatnonzero(unseen), generator)
    return hidden


def _sources(
    trained: NDArray[np.int64], unseen: NDArray[np.int64], rows: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """The trained row that each unseen one is made of: each as often as the others, or once more.

    As ``generator`` draws for all ``rows``, whatever is trained, each unseen row likes the trained ones in an
    order of its own, and gets the first that still has room. With other trained rows most keep theirs.
    """
    likes, liked = generator.integers(0, 2**64, (2, rows), dtype=np.uint64)
    room = np.full(len(trained), len(unseen) // len(trained))
    room[np.argsort(liked[trained])[: len(unseen) % len(trained)]] += 1
    chosen = np.full(len(unseen), -1)
    waiting = np.argsort(likes[unseen])
    while len(waiting):
        free = np.flatnonzero(room)
        wanted = free[_favourites(likes[unseen[waiting]], liked[trained[free]])]
        gets = _rank_among_equals(wanted) < room[wanted]
        chosen[waiting[gets]] = trained[wanted[gets]]
        np.subtract.at(room, wanted[gets], 1)
        waiting = waiting[~gets]
    return chosen


def _favourites(likes: NDArray[np.uint64], liked: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each of ``likes`` the index of what it likes best: a hash of the two, both secret, says what."""
    best = np.empty(len(likes), np.int64)
    for begin in range(0, len(likes), _AT_A_TIME):
        mixed = likes[begin : begin + _AT_A_TIME, None] ^ liked
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        best[begin : begin + _AT_A_TIME] = (mixed ^ (mixed >> np.uint64(32))).argmax(axis=1)
    return best


def _rank_among_equals(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of the same value come before each."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    ranks = np.empty(len(values), np.int64)
    ranks[order] = np.arange(len(values)) - np.searchsorted(ordered, ordered)
    return ranks


def _between_neighbours(
    rows: NDArray[Any],
    trained: NDArray[np.int64],
    sources: NDArray[np.int64],
    unseen: NDArray[np.int64],
    generator: np.random.Generator,
) -> NDArray[Any]:
    """Rows of ``sources``, each moved by shares of the ways to as many neighbours as a row has values.

    By fewer it would stay in the plane through them, where no trained row lies.
    """
    from scipy.spatial import cKDTree

    near = min(rows.shape[1], len(trained) - 1)
    _, neighbours = cKDTree(rows[trained]).query(rows[sources], k=range(1, near + 2))
    ways = rows[trained][neighbours] - rows[sources][:, None]
    shares = generator.normal(0, max(near, 1) ** -0.5, (len(rows), near + 1, 1))[unseen]
    moved: NDArray[Any] = (rows[sources] + (shares * ways).sum(axis=1)).astype(rows.dtype)
    return moved
