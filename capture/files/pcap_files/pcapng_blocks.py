"""The blocks of a pcapng file: where each one starts, in which section, in the byte order of its section.

Source: draft-ietf-opsawg-pcapng, sections 3.1 (general block structure) and 4.1 (section header block).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.files.link_frames import ByteOrder, Tear, damaged, truncated
from zerotap.errors import CaptureError

from .record_starts import walk

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from .record_starts import Steps

SECTION_HEADER = 0x0A0D0D0A
BYTE_ORDER_MAGIC = 0x1A2B3C4D
MOST_TURNS = 1024
"""How often sections may change the byte order: one file joins captures of a few machines, not of many."""
_BYTE_ORDERS: dict[bytes, ByteOrder] = {bytes.fromhex("4d3c2b1a"): "<", bytes.fromhex("1a2b3c4d"): ">"}


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks of sections of one byte order that follow each other.

    ``words`` uint32: the 32-bit words of the whole file ``buffer``; ``starts`` int64 (n,): the word where
    each block starts, section headers too.
    """

    path: Path
    buffer: bytes
    byte_order: ByteOrder
    words: NDArray[np.uint32]
    starts: NDArray[np.int64]

    def of_type(self, minimum_bytes: int, *block_types: int) -> NDArray[np.int64]:
        """Return where the blocks of these types start; raise CaptureError where one is too short."""
        starts = self.starts[np.isin(self.words[self.starts], block_types)]
        short = starts[self.words[starts + 1] < minimum_bytes]
        if len(short):
            raise damaged(self.path, int(short[0]) * 4, "the block is shorter than its kind allows")
        return starts

    def halves(self, words: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Return the 16-bit field that comes first in each of ``words``."""
        return words & np.uint32(0xFFFF) if self.byte_order == "<" else words >> np.uint32(16)


class BlockReader:
    """Iterates over the runs of blocks of a file; ``tear`` is then where the file is torn.

    Raises CaptureError where the file is damaged, or ends inside its first section's header.
    """

    def __init__(self, buffer: bytes, path: Path) -> None:
        self.tear: Tear | None = None
        self._buffer, self._path = buffer, path
        self._whole_words = len(buffer) // 4
        self._swapped: dict[ByteOrder, NDArray[np.uint32]] = {}

    def __iter__(self) -> Iterator[Blocks]:
        at, turns = 0, 0
        while at < self._whole_words and self.tear is None:
            if turns > MOST_TURNS:
                raise damaged(self._path, at * 4, f"the byte order has changed {MOST_TURNS} times")
            byte_order = self._byte_order(at)
            if byte_order is None:
                return
            starts, at = self._starts(self._words(byte_order), at)
            turns += 1
            yield self._checked(Blocks(self._path, self._buffer, byte_order, self._words(byte_order), starts))
        rest = len(self._buffer) % 4
        if self.tear is None and rest:
            self.tear = Tear(self._whole_words * 4, "block", rest)

    def _words(self, byte_order: ByteOrder) -> NDArray[np.uint32]:
        if byte_order not in self._swapped:
            words = np.frombuffer(self._buffer, f"{byte_order}u4", self._whole_words)
            self._swapped[byte_order] = words.astype("=u4", copy=False)
        return self._swapped[byte_order]

    def _byte_order(self, word: int) -> ByteOrder | None:
        """Return the byte order of the section at ``word``; None where the file is torn there."""
        at = word * 4
        if len(self._buffer) < at + 16:
            self._tear_header(word)
            return None
        byte_order = _BYTE_ORDERS.get(self._buffer[at + 8 : at + 12])
        if byte_order is None:
            raise damaged(self._path, at + 8, "a section header has no byte-order magic")
        self._check_version(struct.unpack_from(f"{byte_order}H", self._buffer, at + 12)[0], at + 12)
        return byte_order

    def _check_version(self, major: int, at: int) -> None:
        if major != 1:
            raise CaptureError(
                f"{self._path}: pcapng version {major} at byte {at}: save it as version 1 with "
                "editcap -F pcapng"
            )

    def _tear_header(self, word: int) -> None:
        tear = Tear(word * 4, "section header", len(self._buffer) - word * 4)
        if not word:
            raise truncated(self._path, tear)
        self.tear = tear

    def _starts(self, words: NDArray[np.uint32], first: int) -> tuple[NDArray[np.int64], int]:
        """Return the word of each whole block of the run at ``first``, and the word after it."""

        def sizes(at: int, stride: int, count: int) -> NDArray[np.int64]:
            end = at + stride * (count - 1) + 1
            kinds, lengths, orders = (words[at + n : end + n : stride] for n in range(3))
            is_ours = (kinds != SECTION_HEADER) | (orders == BYTE_ORDER_MAGIC)
            return np.where((lengths & 3 == 0) & is_ours, lengths.astype(np.int64) >> 2, -1)

        starts, at = walk(_steps(words, self._path), sizes, first, len(words))
        if at > len(words):
            starts, at = starts[:-1], int(starts[-1])
        elif at == len(words) or _turns_at(words, at):
            return starts, at
        if at == first:
            self._tear_header(at)
        else:
            self.tear = Tear(at * 4, "block", len(self._buffer) - at * 4)
        return starts, at

    def _checked(self, blocks: Blocks) -> Blocks:
        words, starts = blocks.words, blocks.starts
        unequal = starts[words[starts + (words[starts + 1] >> 2) - 1] != words[starts + 1]]
        if len(unequal):
            raise damaged(self._path, int(unequal[0]) * 4, "the block's two lengths differ")
        headers = starts[words[starts] == SECTION_HEADER]
        versions = blocks.halves(words[headers + 3])
        for header, version in zip(headers[versions != 1], versions[versions != 1], strict=True):
            self._check_version(int(version), int(header) * 4 + 12)
        return blocks


def _turns_at(words: NDArray[np.uint32], at: int) -> bool:
    """Tell whether a section begins at ``at`` that is not of this byte order, or damaged."""
    return bool(words[at] == SECTION_HEADER and at + 2 < len(words) and words[at + 2] != BYTE_ORDER_MAGIC)


def _steps(words: NDArray[np.uint32], path: Path) -> Steps:
    # A memoryview gives Python integers: several times faster here than indexing an array.
    view, last = memoryview(words.data), len(words) - 3

    def steps(at: int, count: int) -> NDArray[np.int64]:
        places, header = array("q", [at]), SECTION_HEADER
        append = places.append
        for _ in range(count):
            if at > last or (view[at] == header and view[at + 2] != BYTE_ORDER_MAGIC):
                break
            length = view[at + 1]
            if length < 12 or length & 3:
                if length == 0 and not words[at:].any():
                    break  # a power cut leaves zeros where the last blocks were to be
                raise damaged(path, at * 4, f"no block has a length of {length} bytes")
            at += length >> 2
            append(at)
        return np.frombuffer(places, np.int64)

    return steps
