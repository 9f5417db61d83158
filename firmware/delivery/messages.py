"""What the payloads of frames say: who the board is, what it computed, what it refused.

A board sends its identity once by itself, with sequence 0, when its sketch begins: a host that did not ask
for it knows that the board began anew.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERSION: Final = 1
REFUSALS: Final = {
    1: "a frame came damaged (its CRC is wrong)",
    2: "a frame's payload has another length than the sketch takes",
    3: "the sketch does not know that kind of frame",
    4: "a frame is longer than the sketch takes",
}
"""What the byte of an ERROR frame says."""
OF_DAMAGE: Final = (1, 2, 4)
"""Refusals of what came otherwise than it was sent: its length was right here."""
_IDENTITY: Final = struct.Struct("<BHHBH8s")
_SCORES: Final = struct.Struct("<BI")
_DTYPES: Final = {1: "<i1", 4: "<i4"}


@dataclass(frozen=True, slots=True)
class Identity:
    """What a board with SerialStream says of itself.

    ``input_bytes`` of a window (0: it takes items alone), ``scores`` that a result has, of ``score_bytes``
    each (1 or 4), ``item_bytes`` of what NAME_push takes (0: there is none), ``build`` the content hash of
    its library.
    """

    input_bytes: int
    scores: int
    score_bytes: int
    item_bytes: int
    build: str

    def encode(self) -> bytes:
        """Return the payload of an IDENTITY frame."""
        sizes = (self.input_bytes, self.scores, self.score_bytes, self.item_bytes)
        return _IDENTITY.pack(VERSION, *sizes, self.build.encode("ascii"))

    @classmethod
    def decode(cls, payload: bytes) -> Identity:
        """Read the payload of an IDENTITY frame; raises ModelError for one of another protocol.

        What it says goes on after "the board".
        """
        if not payload or payload[0] != VERSION or len(payload) != _IDENTITY.size:
            raise ModelError(
                f"speaks another protocol (IDENTITY {payload.hex(' ')}): export the library again "
                "with this zerotap, and flash its SerialStream"
            )
        input_bytes, scores, score_bytes, item_bytes, build = _IDENTITY.unpack(payload)[1:]
        if score_bytes not in _DTYPES or not scores:
            raise ModelError(
                f"says that it gives {scores} scores of {score_bytes} bytes: flash SerialStream again"
            )
        return cls(input_bytes, scores, score_bytes, item_bytes, build.decode("ascii", "replace"))

    @property
    def reply_bytes(self) -> int:
        """Bytes of its longest payload."""
        return max(_IDENTITY.size, _SCORES.size + self.scores * self.score_bytes)


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One result: ``scores`` int8 or int32 (scores,), ``left`` more of the same item, and what it took."""

    left: int
    microseconds: int
    scores: NDArray[Any]

    def encode(self) -> bytes:
        """Return the payload of a SCORES frame."""
        return _SCORES.pack(self.left, self.microseconds) + self.scores.tobytes()

    @classmethod
    def decode(cls, payload: bytes, identity: Identity) -> Result:
        """Read the payload of a SCORES frame; raises ModelError where it has another length.

        What it says goes on after "the board".
        """
        expected = _SCORES.size + identity.scores * identity.score_bytes
        if len(payload) != expected:
            raise ModelError(
                f"sent scores of {len(payload)} bytes and not {expected}: flash SerialStream again"
            )
        left, microseconds = _SCORES.unpack_from(payload)
        scores = np.frombuffer(payload, _DTYPES[identity.score_bytes], offset=_SCORES.size)
        return cls(left, microseconds, scores)
