"""What the leaves of a forest add to the scores: in which form their shares are kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.board_assembly import shared

from .cost import Cost

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Forest

Form = Literal["votes", "words", "pairs", "sums"]
FORMS: Final[tuple[Form, ...]] = ("votes", "words", "pairs", "sums")
_WORD_CLASSES: Final = 4  # two words of two classes are kept in registers
_WORD_TREES: Final = 257  # whose shares still fit 16 bits
_BYTE_CLASSES: Final = 64  # whose places in the output, 4 * class, a byte holds
STACK_BYTES: Final = 24


@dataclass(frozen=True, eq=False)
class Leaves:
    """The leaves that a forest reaches.

    ``form``: "votes" where each gives its share to one class, and all the same ``share``; "words" of the
    shares of two classes, for up to four; "pairs" of a class and its share, or "sums", a byte a class.
    ``rows`` uint8 (rows, classes) are the different ones; ``row_of`` int (leaves,) the row of each leaf of
    the forest; ``pairs`` at least so many a row.
    """

    form: Form
    share: int
    rows: NDArray[np.uint8]
    row_of: NDArray[np.int64]
    pairs: int = 1

    @property
    def classes(self) -> int:
        """How many scores there are."""
        return int(self.rows.shape[1])

    @property
    def words(self) -> int:
        """Words of a row, two classes each."""
        return -(-self.classes // 2)

    @property
    def reads_rows(self) -> bool:
        """Whether LEAF wants the address of the rows, which it has in a register of its own for words."""
        return self.form in ("pairs", "sums")

    @property
    def step(self) -> int:
        """By how much the codes of two neighbouring rows differ; of pairs, where all are as long."""
        steps = {"votes": 4, "words": 4 * self.words, "pairs": 1 + 2 * self.pairs, "sums": self.classes}
        return steps[self.form]

    @cached_property
    def codes(self) -> list[int]:
        """The code of each row."""
        if self.form == "votes":
            return [4 * int(one) for one in self.rows.argmax(axis=1)]
        if self.form == "pairs":
            return list(accumulate((1 + 2 * int(count) for count in self._counts[:-1]), initial=0))
        return [self.step * row for row in range(len(self.rows))]

    def equally_long(self) -> Leaves:
        """The same with as many pairs in each row, so that every leaf takes the same time."""
        return replace(self, pairs=int(self._counts.max())) if self.form == "pairs" else self

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        counts: NDArray[np.int64] = np.maximum((self.rows > 0).sum(axis=1), self.pairs)
        return counts

    def code(self, leaf: int) -> int:
        """What LEAF takes in r6."""
        return self.codes[int(self.row_of[leaf])]

    def begin(self) -> Cost:
        """Cost of BEGIN, literals counted."""
        if self.form == "words":
            return Cost.straight(10 + 4, 7 + 5)
        literal = 4 * self.classes >= 256
        return Cost.straight(18 + 4 * literal, 7 + 5 + literal + 5 * self.classes - 1)

    def leaf_bytes(self, *, rows_in_r4: bool = False) -> int:
        """Bytes of LEAF; the literal of its rows is not counted."""
        load = 2 * (self.reads_rows and not rows_in_r4)
        return load + {"votes": 6, "words": 4 * min(self.words, 2), "pairs": 28, "sums": 20}[self.form]

    def leaf_cycles(self, leaf: int, *, rows_in_r4: bool = False) -> int:
        """Cycles of LEAF for a leaf."""
        load = 2 * (self.reads_rows and not rows_in_r4)
        pairs = int(self._counts[self.row_of[leaf]])
        words = 6 if self.words == 2 else 3
        cycles = {"votes": 5, "words": words, "pairs": 4 + 16 * pairs - 1, "sums": 2 + 12 * self.classes - 1}
        return load + cycles[self.form]

    def end(self) -> Cost:
        """Cost of END."""
        back = Cost.straight(2, 9)
        if self.form != "words":
            return back
        unpacked = {1: (10, 7), 2: (10, 8), 3: (14, 11), 4: (16, 13)}[self.classes]
        return Cost.straight(*unpacked) + back

    def defines(self, rows: str) -> dict[str, int | str]:
        """What zerotap_forest_leaf.h wants defined; ``rows`` is the table's name."""
        forms = {f"LEAF_{form.upper()}": int(form == self.form) for form in FORMS}
        words = min(self.words, 2)
        return {**forms, "CLASSES": self.classes, "SHARE": self.share, "WORDS": words, "ROWS": rows}

    @property
    def constant_bytes(self) -> int:
        """Flash of the table of rows, aligned to words."""
        return 0 if self.form == "votes" else -(-self._table().nbytes // 4) * 4

    def table(self, name: str) -> str:
        """The table of rows in C; none of votes."""
        if self.form == "votes":
            return ""
        table = self._table()
        return shared_array(f"{table.dtype.name}_t", table, name)

    def _table(self) -> NDArray[np.uint32] | NDArray[np.uint8]:
        if self.form == "pairs":
            return np.concatenate([self._pairs(row) for row in self.rows])
        if self.form == "sums":
            return self.rows
        return self.word_rows()

    def word_rows(self) -> NDArray[np.uint32]:
        """The rows (rows, words) of the form "words"."""
        padded = np.zeros((len(self.rows), 2 * self.words), np.uint32)
        padded[:, : self.classes] = self.rows
        words: NDArray[np.uint32] = padded[:, 0::2] | padded[:, 1::2] << np.uint32(16)
        return words

    def _pairs(self, row: NDArray[np.uint8]) -> NDArray[np.uint8]:
        classes = np.flatnonzero(row)
        flat = np.zeros(1 + 2 * max(len(classes), self.pairs), np.uint8)
        flat[0] = len(flat) // 2
        flat[1 : 1 + 2 * len(classes) : 2], flat[2 : 2 + 2 * len(classes) : 2] = 4 * classes, row[classes]
        return flat

    def add_in_c(self, name: str, rows: str) -> str:
        """A static C function ``NAME_leaf(code, output)`` that does what LEAF does."""
        row = f"    const uint8_t *row = {rows} + code;\n"
        word = f"{rows}[(code >> 2) + ((uint32_t)i >> 1)]"
        body = {
            "votes": f"    output[code >> 2] += {self.share};\n",
            "words": _loop(self.classes, f"output[i] += (int32_t)({word} >> 16 * (i & 1) & 0xFFFF);"),
            "pairs": row + _loop("row[0]", "output[row[2 * i + 1] >> 2] += row[2 * i + 2];"),
            "sums": row + _loop(self.classes, "output[i] += row[i];"),
        }[self.form]
        return f"static void {name}_leaf(uint32_t code, int32_t *output)\n{{\n{body}}}\n"


def _loop(count: int | str, statement: str) -> str:
    return f"    for (int32_t i = 0; i < {count}; i++) {{\n        {statement}\n    }}\n"


def leaves_of(forest: Forest) -> Leaves:
    """Choose the form for a forest's leaves, each different row once."""
    references = np.concatenate([forest.roots, forest.left, forest.right])
    reached = np.unique(~references[references < 0])
    rows, inverse = np.unique(forest.shares[reached], axis=0, return_inverse=True)
    row_of = np.zeros(len(forest.shares), np.int64)
    row_of[reached] = inverse.reshape(-1)
    form = _form(forest, rows)
    return Leaves(form, int(rows.max()) if form == "votes" else 0, rows, row_of)


def _form(forest: Forest, rows: NDArray[np.uint8]) -> Form:
    counts, given = (rows > 0).sum(axis=1), rows[rows > 0]
    if (counts == 1).all() and given.min() == given.max() and forest.classes <= _BYTE_CLASSES:
        return "votes"
    if forest.classes <= _WORD_CLASSES and forest.trees <= _WORD_TREES:
        return "words"
    pairs_bytes = int((1 + 2 * np.maximum(counts, 1)).sum())
    return "pairs" if pairs_bytes < rows.size and forest.classes <= _BYTE_CLASSES else "sums"


def shared_array(c_type: str, values: NDArray[np.generic], name: str) -> str:
    """A const array that the model's assembly names, too: it is no static one."""
    return shared(c_source.array(c_type, name, values))
