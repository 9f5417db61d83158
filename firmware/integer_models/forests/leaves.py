"""What the leaves of a forest add to the scores: in which form their shares are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from zerotap.firmware.c_code import c_source

from .cost import Cost

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Forest

Form = Literal["votes", "words", "sums"]
_WORD_CLASSES: Final = 4  # two words of two classes are kept in registers
_WORD_TREES: Final = 257  # whose shares still fit 16 bits
STACK_BYTES: Final = 24


@dataclass(frozen=True, slots=True, eq=False)
class Leaves:
    """The leaves that a forest reaches.

    ``form``: "votes" where each gives its share to one class, and all the same ``share``; "words" of the
    shares of two classes for up to four; else "sums", bytes. ``rows`` uint8 (rows, classes) are the different
    ones; ``row_of`` int (leaves,) the row of each leaf of the forest.
    """

    form: Form
    classes: int
    share: int
    rows: NDArray[np.uint8]
    row_of: NDArray[np.int64]

    @property
    def words(self) -> int:
        """Words of a row, two classes each."""
        return -(-self.classes // 2)

    @property
    def step(self) -> int:
        """By how much the codes of two rows that follow each other differ."""
        return {"votes": 4, "words": 4 * self.words, "sums": self.classes}[self.form]

    @property
    def constant_bytes(self) -> int:
        """Flash of the table of rows, aligned to words."""
        return 0 if self.form == "votes" else -(-len(self.rows) * self.step // 4) * 4

    def number(self, leaf: int) -> int:
        """The row of a leaf, or, of votes, its class: ``code`` is ``step`` times as much."""
        return int(self.row_of[leaf])

    def code(self, leaf: int) -> int:
        """What LEAF takes in r6."""
        return self.number(leaf) * self.step

    def begin(self) -> Cost:
        """Cost of BEGIN, literals counted."""
        if self.form == "words":
            return Cost.straight(10 + 4, 7 + 5)
        literal = 4 * self.classes >= 256
        cycles = 7 + 5 + literal + 5 * self.classes - 1
        return Cost.straight(18 + 4 * literal, cycles)

    def leaf(self, *, rows_in_r4: bool = False) -> Cost:
        """Cost of LEAF; the literal of its rows is not counted."""
        if self.form == "votes":
            return Cost.straight(6, 5)
        if self.form == "words":
            return Cost.straight(8, 6) if self.words == 2 else Cost.straight(4, 3)
        load = 0 if rows_in_r4 else 1
        return Cost.straight(20 + 2 * load, 2 * load + 2 + 12 * self.classes - 1)

    def end(self) -> Cost:
        """Cost of END."""
        back = Cost.straight(2, 9)
        if self.form != "words":
            return back
        unpacked = {1: (10, 7), 2: (10, 8), 3: (14, 11), 4: (16, 13)}[self.classes]
        return Cost.straight(*unpacked) + back

    def defines(self, rows: str) -> dict[str, int | str]:
        """What zerotap_forest_leaf.inc wants defined; ``rows`` is the table's name."""
        forms = {f"LEAF_{form.upper()}": int(form == self.form) for form in ("votes", "words", "sums")}
        words = min(self.words, 2)
        return {**forms, "CLASSES": self.classes, "SHARE": self.share, "WORDS": words, "ROWS": rows}

    def table(self, name: str) -> str:
        """The table of rows in C; none of votes."""
        if self.form == "votes":
            return ""
        return shared_array(*self._typed(), name)

    def _typed(self) -> tuple[str, NDArray[np.uint32] | NDArray[np.uint8]]:
        if self.form == "sums":
            return "uint8_t", self.rows
        padded = np.zeros((len(self.rows), 2 * self.words), np.uint32)
        padded[:, : self.classes] = self.rows
        return "uint32_t", padded[:, 0::2] | padded[:, 1::2] << 16

    def add_in_c(self, name: str, rows: str) -> str:
        """A static C function ``NAME_leaf(code, output)`` that does what LEAF does."""
        one = {
            "votes": f"output[code >> 2] += {self.share};",
            "words": f"output[i] += (int32_t)({rows}[(code >> 2) + ((uint32_t)i >> 1)] >> 16 * (i & 1) & 0xFFFF);",
            "sums": f"output[i] += {rows}[code + (uint32_t)i];",
        }[self.form]
        loop = f"for (int32_t i = 0; i < {self.classes}; i++) {{\n        {one}\n    }}"
        body = one if self.form == "votes" else loop
        return f"""static void {name}_leaf(uint32_t code, int32_t *output)
{{
    {body}
}}
"""


def leaves_of(forest: Forest) -> Leaves:
    """Choose the form for a forest's leaves, each different row once."""
    references = np.concatenate([forest.roots, forest.left, forest.right])
    reached = np.unique(~references[references < 0])
    rows, inverse = np.unique(forest.shares[reached], axis=0, return_inverse=True)
    row_of = np.zeros(len(forest.shares), np.int64)
    row_of[reached] = inverse.reshape(-1)
    given = rows[rows > 0]
    if len(given) == len(rows) and (rows > 0).sum(axis=1).max() == 1 and len(np.unique(given)) == 1:
        return Leaves("votes", forest.classes, int(given[0]), rows, rows.argmax(axis=1)[row_of])
    fits = forest.classes <= _WORD_CLASSES and forest.trees <= _WORD_TREES
    return Leaves("words" if fits else "sums", forest.classes, 0, rows, row_of)


def shared_array(c_type: str, values: NDArray[np.generic], name: str) -> str:
    """A const array that the model's assembly names, too: it is no static one."""
    return c_source.array(c_type, name, values).replace(" static const ", " const ", 1)
