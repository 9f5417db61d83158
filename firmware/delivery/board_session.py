"""A session with a board that runs SerialStream: one request at a time, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.errors import BoardError, ModelError

from .frames import Frame, FrameReader, Kind
from .messages import OF_DAMAGE, REFUSALS, Identity, Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .links import Link

HELLO_S: Final = 1.0
HELLOS: Final = 3
"""A board that was just plugged in, or restarted by the opening of its port, takes so many seconds."""
REPLY_S: Final = 5.0
RESENT: Final = 3
"""So often in a row the board may get a frame damaged."""
_QUIET_S: Final = 0.05
_GREETING_BYTES: Final = 64
"""More than an identity has: what came before may say that it is a long frame, and never end."""
_SEQUENCES: Final = 256
_FLASH_IT: Final = "flash the SerialStream of the library that was exported from the model"


class BoardSession:
    """Asks over a link; ``identity`` is what the board said first, ``resent`` frames came there damaged.

    Raises BoardError where the board does not answer, or answers what was not asked.
    """

    def __init__(self, link: Link) -> None:
        self.link = link
        self.resent = 0
        self._reader = FrameReader(_GREETING_BYTES)
        self._sequence = 0
        self._asked = 0
        self._refused = ""
        self.identity = self._greet()
        self._reader.most = self.identity.reply_bytes

    def window(self, data: bytes) -> list[Result]:
        """What the model gives of one input."""
        return self._ask(Kind.WINDOW, data)

    def item(self, data: bytes) -> list[Result]:
        """What NAME_push and NAME_more give of one item."""
        return self._ask(Kind.ITEM, data)

    def flush(self) -> list[Result]:
        """What a recording's end leaves."""
        return self._ask(Kind.FLUSH, b"")

    def reset(self) -> None:
        """Begin anew."""
        if self._ask(Kind.RESET, b""):
            raise BoardError(f"{self.link.name} gave scores where nothing was to be scored: {_FLASH_IT}")

    def _greet(self) -> Identity:
        """Say hello until the board says who it is."""
        heard = False
        for _ in range(HELLOS):
            self._send(Kind.HELLO, b"")
            for frame in self._frames(HELLO_S, of_each=False):
                heard = True
                if frame is not None and frame.kind == Kind.IDENTITY:
                    identity = self._identity(frame)
                    self._drain()
                    return identity
        if heard:
            raise BoardError(f"{self.link.name} sends something else, of another sketch: {_FLASH_IT}")
        raise BoardError(
            f"{self.link.name} does not answer: {_FLASH_IT}, or press the board's reset button and try again"
        )

    def _identity(self, frame: Frame) -> Identity:
        try:
            return Identity.decode(frame.payload)
        except ModelError as error:
            raise BoardError(f"{self.link.name}: the board {error}") from error

    def _drain(self) -> None:
        """Drop what is under way: an answer to a second hello, or what was sent before."""
        until_s = self.link.now_s() + HELLO_S
        while self.link.receive(_QUIET_S) and self.link.now_s() < until_s:
            pass
        self._reader.drop()

    def _send(self, kind: Kind, payload: bytes) -> None:
        self._sequence = (self._sequence + 1) % _SEQUENCES
        self.link.send(Frame(kind, self._sequence, payload).encode())

    def _frames(self, timeout_s: float, *, of_each: bool = True) -> Iterator[Frame | None]:
        """Frames as they come for ``timeout_s``, ``of_each`` from the last one; None for bytes that end none.

        Another sketch may send whole frames without end, as SensorRecorder does.
        """
        until_s = self.link.now_s() + timeout_s
        while (left_s := until_s - self.link.now_s()) > 0:
            data = self.link.receive(left_s)
            if not data:
                continue
            found = self._reader.feed(data)
            if not found:
                yield None
            yield from found
            if found and of_each:
                until_s = self.link.now_s() + timeout_s

    def _ask(self, kind: Kind, payload: bytes) -> list[Result]:
        """Ask once more where the board got the frame damaged: then it has done nothing with it."""
        self._asked += 1
        for _ in range(1 + RESENT):
            self._send(kind, payload)
            answer = self._answer(kind)
            if answer is not None:
                return answer
            self.resent += 1
        raise self._fault(
            f"got a frame {1 + RESENT} times in a row that it did not take ({self._refused}): see to the "
            "wires, ground among them"
        )

    def _answer(self, kind: Kind) -> list[Result] | None:
        """The results of the request that was sent last; None where it came damaged."""
        results: list[Result] = []
        damaged = self._reader.damaged
        for frame in self._frames(REPLY_S):
            if frame is None:
                continue
            if self._came_damaged(frame):
                return None
            self._check(frame, kind)
            if frame.kind == Kind.NONE:
                return results
            results.append(self._result(frame))
            if not results[-1].left:
                return results
        if self._reader.damaged > damaged:
            raise self._fault("sent a damaged answer: see to the wires, ground among them, and begin again")
        raise self._fault(
            f"did not answer within {REPLY_S:g} s: it hangs, or was reset; press its reset button and begin "
            "again"
        )

    def _result(self, frame: Frame) -> Result:
        try:
            return Result.decode(frame.payload, self.identity)
        except ModelError as error:
            raise self._fault(str(error)) from error

    def _check(self, frame: Frame, kind: Kind) -> None:
        """Raise BoardError for a board that began anew or refuses, and for an answer to something else."""
        if frame.kind == Kind.IDENTITY:
            raise self._fault("began anew: it was reset or lost its power; begin again")
        if frame.sequence != self._sequence:
            raise self._fault(
                f"answered request {frame.sequence} and not {self._sequence}: another program talks to it? "
                "Close that, and begin again"
            )
        if frame.kind == Kind.ERROR:
            raise self._fault(f"refuses {kind.name}: {_why(frame)}; {_FLASH_IT}")
        if frame.kind not in (Kind.NONE, Kind.SCORES):
            raise self._fault(f"answers by a frame of kind {frame.kind:#04x}: {_FLASH_IT}")

    def _came_damaged(self, frame: Frame) -> bool:
        """Whether it says that a frame came damaged; the sequence that it read may be damaged, too."""
        if frame.kind != Kind.ERROR or frame.payload[:1] not in map(_byte, OF_DAMAGE):
            return False
        self._refused = _why(frame)
        return True

    def _fault(self, what: str) -> BoardError:
        return BoardError(f"{self.link.name}: after {self._asked - 1} requests the board {what}")


def _why(refusal: Frame) -> str:
    return REFUSALS.get(refusal.payload[0] if refusal.payload else 0, "it does not say why")


def _byte(value: int) -> bytes:
    return bytes([value])
