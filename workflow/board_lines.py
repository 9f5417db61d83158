"""What a board says that classifies by itself: lines of Classify and KeyboardHost, as answers."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from zerotap.capture import Packet, Viewer
from zerotap.models import read_facts

from .answers import RATE_PACKETS, Answer, rate_hz

if TYPE_CHECKING:
    from pathlib import Path

_LINE: Final = re.compile(r"([A-Za-z_]\w*):(.*)")
_PERCENT: Final = re.compile(r" (\d{1,3}) %")
_BEGUN_PERCENT: Final = re.compile(r" (\d{1,3} ?)?")
LINE_BYTES: Final = 96
"""So many bytes of a line the sketches send."""
_LONGEST: Final = 256
_NO_ANSWER: Final = ("", "gap")


class BoardLines(Viewer):
    """Reads "mood: happy 93 %" out of a serial port's bytes: a library's name, what applies of ``labels``.

    As the sketches' line.h says it: with spaces for control characters, cut after LINE_BYTES.

    ``lines`` counts those that were whole (of the first only the end may have come) and tell of no gap,
    ``answers`` those that are one.
    """

    def __init__(self, labels: Sequence[str], on_answer: Callable[[Answer], object]) -> None:
        self.lines = self.answers = self.packets = 0
        self._shown = {_shown(name): name for name in sorted(labels, key=len, reverse=True)}
        self._on_answer = on_answer
        self._begun = b""
        self._is_first = True
        self._first_ns = 0
        self._times_ns: deque[int] = deque(maxlen=RATE_PACKETS)

    @classmethod
    def of(cls, model: str | Path, on_answer: Callable[[Answer], object]) -> BoardLines:
        """For what a model's folder says; raises ModelError."""
        facts, _ = read_facts(model)
        names = facts.classes if facts.head == "classes" else (*facts.labels, *facts.classes)
        return cls(names, on_answer)

    def take(self, _stream: str, packet: Packet) -> None:
        """Answer for each line that is complete."""
        self.packets += 1
        self._first_ns = self._first_ns or packet.timestamp_ns
        *lines, begun = (self._begun + packet.data).split(b"\n")
        self._begun = begun[-_LONGEST:]
        for line in lines:
            self._take_line(line.removesuffix(b"\r"), packet)

    def _take_line(self, sent: bytes, packet: Packet) -> None:
        is_first, self._is_first = self._is_first, False
        line = sent.decode("utf-8", "ignore")  # a cut one may end within a character
        found = _LINE.fullmatch(line)
        said = None if found is None else self.said(found[2], is_cut=len(sent) >= LINE_BYTES)
        self.lines += said is not None or not (is_first or line in _NO_ANSWER)
        if said is None:
            return
        self.answers += 1
        self._times_ns.append(packet.timestamp_ns)
        label = "+".join(said) or "none"
        sure = {name: percent for name, percent in said.items() if percent is not None}
        self._on_answer(
            Answer(
                time_s=(packet.timestamp_ns - self._first_ns) / 1e9,
                label=label,
                percent=(next(iter(sure.values())) if len(sure) == 1 else sure) if sure else None,
                scores=None,
                packets=self.packets,
                rate_hz=rate_hz(self._times_ns),
                latency_ms=None,
            )
        )

    def said(self, text: str, *, is_cut: bool = False) -> dict[str, int | None] | None:
        """Read " happy 93 %", or several of them: per cent by label; None where it is something else.

        Of a text that ``is_cut`` the last label may be the beginning of one, and of one alone.
        """
        said: dict[str, int | None] = {}
        while text and not (is_cut and said and _BEGUN_PERCENT.fullmatch(text)):
            shown = next((shown for shown in self._shown if text.startswith(f" {shown}")), None)
            if shown is None:
                begun = [name for each, name in self._shown.items() if f" {each}".startswith(text)]
                return {**said, begun[0]: None} if is_cut and len(begun) == 1 else None
            text = text[1 + len(shown) :]
            sure = _PERCENT.match(text)
            said[self._shown[shown]] = int(sure[1]) if sure else None
            text = text[sure.end() :] if sure else text
        return said


def _shown(label: str) -> str:
    return "".join(" " if character < " " else character for character in label)
