"""A forest as branches: each split a load, a comparison and a jump. The fastest form, and the largest.

In C it is if and else; the board runs the same in assembly, whose bytes and cycles are known beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from zerotap.firmware.integer_models.interface import TwinCode, TwinImplementation

from .cost import Cost
from .leaves import STACK_BYTES, Leaves
from .sources import defined, forest_code

if TYPE_CHECKING:
    from zerotap.features import Forest

SPLITS_MOST: Final = 1 << 15  # more than the board has flash
_OFFSET_MOST: Final = 124  # of a load, in its instruction
_NEAR_BYTES: Final = 256  # that a conditional jump leaps over
_FAR_BYTES: Final = 2040


@dataclass(frozen=True, slots=True)
class _Piece:
    """Instructions, and what the ways through them cost."""

    lines: list[str]
    cost: Cost

    def __add__(self, other: _Piece) -> _Piece:
        return _Piece(self.lines + other.lines, self.cost + other.cost)


_NOTHING: Final = _Piece([], Cost())


@dataclass(slots=True)
class _Writer:
    """One tree in assembly; ``end`` is the label behind it. ``fits``: whether every jump reaches."""

    forest: Forest
    leaves: Leaves
    end: str
    labels: Iterator[int]
    fits: bool = field(default=True)

    def tree(self, root: int) -> _Piece:
        """A tree, which leaves its leaf's code in r6, and what a leaf adds."""
        body = self._at(root, None, is_last=True)
        self.fits = self.fits and body.cost.code_bytes <= _FAR_BYTES
        add_bytes = self.leaves.leaf_bytes(rows_in_r4=True)
        return body + _Piece([f"{self.end}:", "    LEAF"], Cost(add_bytes))

    def _at(self, reference: int, loaded: int | None, *, is_last: bool) -> _Piece:
        if reference >= 0:
            return self._split(reference, loaded, is_last=is_last)
        code = constant("r6", self.leaves.code(~reference))
        add = _Piece([], Cost.straight(0, self.leaves.leaf_cycles(~reference, rows_in_r4=True)))
        return code + add if is_last else code + _Piece([f"    b {self.end}"], Cost.straight(2, 2)) + add

    def _split(self, split: int, loaded: int | None, *, is_last: bool) -> _Piece:
        feature = int(self.forest.features[split])
        load = _NOTHING if feature == loaded else load_feature(feature)
        test = load + compared(int(self.forest.thresholds[split]))
        left = self._at(int(self.forest.left[split]), feature, is_last=False)
        right = self._at(int(self.forest.right[split]), feature, is_last=is_last)
        label = f".Lright_{next(self.labels)}"
        jump, to_left, to_right = self._jump(label, left.cost.code_bytes)
        ways = (left.cost.least + to_left, left.cost.most + to_left)
        others = (right.cost.least + to_right, right.cost.most + to_right)
        code_bytes = (
            2 * sum(line.startswith(" ") for line in jump) + left.cost.code_bytes + right.cost.code_bytes
        )
        cost = Cost(code_bytes, min(ways[0], others[0]), max(ways[1], others[1]))
        return test + _Piece([*jump, *left.lines, f"{label}:", *right.lines], cost)

    def _jump(self, label: str, over_bytes: int) -> tuple[list[str], int, int]:
        """Lines that jump to ``label`` over so many bytes, and the cycles of going on and of jumping."""
        if over_bytes <= _NEAR_BYTES:
            return [f"    bgt {label}"], 1, 2
        self.fits = self.fits and over_bytes <= _FAR_BYTES
        return ["    ble 7f", f"    b {label}", "7:"], 2, 3


def constant(register: str, number: int) -> _Piece:
    """Put ``number``, 0 to 2^25, into a register without a literal: a byte, shifts, further bytes."""
    if number < 256:
        return _instructions(f"movs {register}, #{number}")
    zeros = (number & -number).bit_length() - 1
    if zeros:
        return constant(register, number >> zeros) + _instructions(f"lsls {register}, {register}, #{zeros}")
    return constant(register, number >> 8 << 8) + _instructions(
        f"adds {register}, {register}, #{number & 255}"
    )


def load_feature(feature: int) -> _Piece:
    """Put a feature into r2."""
    offset = 4 * feature
    if offset <= _OFFSET_MOST:
        return _Piece([f"    ldr r2, [r0, #{offset}]"], Cost.straight(2, 2))
    return constant("r3", offset) + _Piece(["    ldr r2, [r0, r3]"], Cost.straight(2, 2))


def compared(threshold: int) -> _Piece:
    """Compare r2 with a threshold."""
    if 0 <= threshold < 256:
        return _instructions(f"cmp r2, #{threshold}")
    compare = "cmp" if threshold > 0 else "cmn"
    return constant("r3", abs(threshold)) + _instructions(f"{compare} r2, r3")


def _instructions(*lines: str) -> _Piece:
    return _Piece([f"    {line}" for line in lines], Cost.straight(2 * len(lines), len(lines)))


def branches(forest: Forest, leaves: Leaves) -> TwinImplementation | None:
    """Its implementation, None where a tree is so large that its jumps do not reach."""
    if forest.splits > SPLITS_MOST:
        return None
    pieces, fits = _pieces(forest, leaves)
    if not fits:
        return None
    cost = sum((piece.cost for piece in pieces), _around(leaves))
    return TwinImplementation(
        kernel="branches",
        constant_bytes=leaves.constant_bytes,
        code_bytes=cost.code_bytes,
        static_bytes=0,
        stack_bytes=STACK_BYTES,
        cycles=cost.most,
        cycles_min=cost.least,
        constant_time=forest.splits == 0,
        emit=partial(_emit, forest, leaves),
    )


def _pieces(forest: Forest, leaves: Leaves) -> tuple[list[_Piece], bool]:
    labels = iter(range(forest.splits))
    pieces, fits = [], True
    for tree, root in enumerate(forest.roots.tolist()):
        writer = _Writer(forest, leaves, f".Lend_{tree}", labels)
        pieces.append(writer.tree(root))
        fits = fits and writer.fits
    return pieces, fits


def _has_literals(leaves: Leaves) -> bool:
    return leaves.reads_rows or leaves.form == "words" or 4 * leaves.classes >= 256


def _around(leaves: Leaves) -> Cost:
    """What is before and behind the trees."""
    over = Cost.straight(2 + 2, 2) if _has_literals(leaves) else Cost()  # literals are aligned
    rows = Cost.straight(2 + 4, 2) if leaves.reads_rows else Cost()
    return leaves.begin() + rows + over + leaves.end()


def _emit(forest: Forest, leaves: Leaves, name: str) -> TwinCode:
    constants = {"ROWS_IN_R4": 1, **leaves.defines(f"{name}_rows")}
    pieces, _ = _pieces(forest, leaves)
    rows = ["    ldr r4, =ROWS"] if leaves.reads_rows else []
    pool = ["    b 1f", "    .pool", "1:"] if _has_literals(leaves) else []
    function = f"{name}_invoke"
    lines = [
        f'    .section .text.{function}, "ax", %progbits',
        *("    .balign 4", f"    .global {function}", f"    .type {function}, %function"),
        *("    .thumb_func", f"{function}:", "    BEGIN", *rows, *pool),
        *(line for piece in pieces for line in piece.lines),
        *("    END", f"    .size {function}, . - {function}", ""),
    ]
    assembly = defined(constants, "zerotap_forest_leaf.h") + "\n".join(lines)
    about = f"{forest.trees} trees of at most {forest.depth} splits a way, as branches"
    calls = (
        f"    {name}_leaf({name}_tree_{tree}(input), output);\n"
        if root >= 0
        else f"    {name}_leaf({leaves.code(~root)}u, output);\n"
        for tree, root in enumerate(forest.roots.tolist())
    )
    functions = "".join(_in_c(forest, leaves, name))
    walk = "" if forest.splits else "    (void)input;\n"
    return forest_code(name, leaves, "", walk + "".join(calls), about, assembly, functions)


def _in_c(forest: Forest, leaves: Leaves, name: str) -> Iterator[str]:
    """Each tree as a C function that returns its leaf's code."""

    def statement(reference: int, indent: str) -> Iterator[str]:
        if reference < 0:
            yield f"{indent}return {leaves.code(~reference)}u;\n"
            return
        feature, threshold = int(forest.features[reference]), int(forest.thresholds[reference])
        yield f"{indent}if (input[{feature}] <= {threshold}) {{\n"
        yield from statement(int(forest.left[reference]), indent + "  ")
        yield f"{indent}}}\n"
        yield from statement(int(forest.right[reference]), indent)

    for tree, root in enumerate(forest.roots.tolist()):
        if root >= 0:
            yield f"static uint32_t {name}_tree_{tree}(const int32_t *input)\n{{\n"
            yield from statement(root, "    ")
            yield "}\n\n"
