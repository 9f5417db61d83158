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
_LONGEST: Final = 256
_NO_ANSWER: Final = ("", "gap")


class BoardLines(Viewer):
    """Reads "mood: happy 93 %" out of a serial port's bytes: a library's name, what applies of ``labels``.

    ``lines`` counts those that were whole (of the first only the end may have come) and tell of no gap,
    ``answers`` those that are one.
    """

    def __init__(self, labels: Sequence[str], on_answer: Callable[[Answer], object]) -> None:
        self.lines = self.answers = self.packets = 0
        self._labels, self._on_answer = sorted(labels, key=len, reverse=True), on_answer
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
            self._take_line(line.decode("utf-8", "replace").strip(), packet)

    def _take_line(self, line: str, packet: Packet) -> None:
        is_first, self._is_first = self._is_first, False
        found = _LINE.fullmatch(line)
        said = None if found is None else self.said(found[2])
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

    def said(self, text: str) -> dict[str, int | None] | None:
        """Read " happy 93 %", or several of them: per cent by label; None where it is something else."""
        said: dict[str, int | None] = {}
        while text:
            name = next((name for name in self._labels if text.startswith(f" {name}")), None)
            if name is None:
                return None
            text = text[1 + len(name) :]
            sure = re.match(r" (\d{1,3}) %", text)
            said[name] = int(sure[1]) if sure else None
            text = text[sure.end() :] if sure else text
        return said
