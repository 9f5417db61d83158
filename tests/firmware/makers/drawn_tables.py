"""Linear tables that are drawn at random, texts for them, and what hypothesis draws of them."""

import numpy as np
from hypothesis import strategies as st

from zerotap.features import LinearTable
from zerotap.features.integer_models import ROOT_BIAS_MOST


def drawn_table(
    columns: int, by_root: bool, bits: int, buckets: int = 501, seed: int = 0, *, by_label: bool = False
) -> LinearTable:
    """``bits``: 8, or 4 with a codebook; of one column for two classes, or ``by_label`` of one a label."""
    rng = np.random.default_rng(seed)
    most = ROOT_BIAS_MOST if by_root else 1 << 29
    bias = rng.integers(-most, most, columns, np.int32, endpoint=True)
    if bits == 8:
        weights = rng.integers(-127, 127, (buckets, columns), np.int8, endpoint=True)
        return LinearTable(weights, bias, buckets, by_root, by_label=by_label)
    cells = rng.integers(0, 16, buckets * columns + buckets * columns % 2, np.uint8)
    cells[buckets * columns :] = 0
    codes = cells[::2] | cells[1::2] << 4
    book = rng.integers(-127, 128, 16).astype(np.int8)
    return LinearTable(codes, bias, buckets, by_root, book, by_label=by_label)


def texts_of(table: LinearTable, count: int, longest: int, seed: int) -> np.ndarray:
    """Ids int32 (count, longest), 0 behind the last: none, one, as many as fit; the ends are among them."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, longest, count, endpoint=True)
    sizes[:3] = (0, 1, longest)[: min(3, count)]
    texts = rng.integers(1, table.buckets, (count, longest), np.int32, endpoint=True)
    ends = rng.random(texts.shape) < 0.1
    texts[ends] = rng.choice(np.array([1, table.buckets], np.int32), int(ends.sum()))
    texts[np.arange(longest) >= sizes[:, None]] = 0
    return texts


tables = st.builds(
    drawn_table,
    columns=st.sampled_from([1, 3, 4, 5, 6, 7, 8, 9, 17]),
    by_root=st.booleans(),
    bits=st.sampled_from([4, 8]),
    buckets=st.sampled_from([16, 17, 255, 256, 1000, 4096]),
    seed=st.integers(0, 2**32 - 1),
)
