"""Packets as they come through a model's C, which is the board's: answers as soon as there are any."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.capture import BOOT_REPORT_BYTES, Event, Packet, Source, Viewer
from zerotap.features import Pipeline
from zerotap.firmware import BuildOptions, ClassCode, HostCode, open_artefact, open_host_code
from zerotap.models import Reading, dequantise, read_facts, reading_of

from .answers import RATE_PACKETS, Answer, rate_hz

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BREAKS: Final = ("gap", "unplug")
_RETURNS: Final = frozenset((0x28, 0x58))
"""The usages of return and of the keypad's enter."""


@dataclass(frozen=True, slots=True, eq=False)
class Speaker:
    """A model's C on this machine, and how its scores are read, by ``classes`` in per cent."""

    pipeline: Pipeline
    code: HostCode
    reading: Reading
    real: tuple[float, int]
    classes: ClassCode | None

    @classmethod
    def of(cls, model: str | Path, options: BuildOptions) -> Speaker:
        """Make a model's folder ready; raises ModelError, FeatureError or ToolchainError."""
        facts, pipeline = read_facts(model)
        artefact = open_artefact(Path(model), options)
        names = facts.labels or facts.classes
        classes = ClassCode.of(artefact, names, are_labels=bool(facts.thresholds))
        return cls(pipeline, open_host_code(model, options), reading_of(facts), artefact.real, classes)

    def say(self, scores: NDArray[Any]) -> tuple[str, int | dict[str, int] | None]:
        """Return the label of one result, and how sure it is in per cent."""
        head = self.reading.head
        verdict = self.reading.verdicts(dequantise(scores[None], *self.real))[0]
        sure = self._percents(scores)
        if np.ndim(verdict):
            said = "+".join(name for name, is_so in zip(head.names, verdict, strict=True) if is_so)
            return said or "none", None if sure is None else dict(zip(head.labels, sure, strict=True))
        label = head.names[int(verdict)]
        if sure is None:
            return label, None
        if label in head.labels:
            return label, sure[head.labels.index(label)]
        return label, 100 - sure[0]  # one output, for the other class

    def _percents(self, scores: NDArray[Any]) -> list[int] | None:
        """Per cent of each output."""
        percent = None if self.classes is None else self.classes.percent
        return None if percent is None else percent.of(scores[None])[0].tolist()


class Live(Viewer):
    """Packets in, answers out; ``end`` gives what is left at the end of the stream.

    ``packets`` came, with ``items`` of the pipeline in them, and ``answers`` were given. Texts end where
    return is pressed, and after ``idle_s`` without a packet (0: never); other models answer as windows are
    complete.
    """

    def __init__(
        self, speaker: Speaker, source: Source, on_answer: Callable[[Answer], object], idle_s: float
    ) -> None:
        self.packets = self.items = self.answers = 0
        self._speaker, self._source, self._on_answer = speaker, source, on_answer
        pipeline = speaker.pipeline
        self._items = pipeline.live_items(source.identity)
        self._is_text = speaker.code.at_end or pipeline.kind == "text"
        self._is_typed = self._is_text and pipeline.takes_boot_reports
        self._idle_ns = idle_s * 1e9
        self._times_ns: deque[int] = deque(maxlen=RATE_PACKETS)
        self._first_ns = 0
        self._is_begun = False
        self._down: frozenset[int] = frozenset()

    def take(self, _stream: str, packet: Packet) -> None:
        """Classify what a packet completes."""
        self._first_ns = self._first_ns or packet.timestamp_ns
        self._times_ns.append(packet.timestamp_ns)
        self.packets += 1
        self._push(self._items.take(packet), packet)
        if self._is_typed and self._presses_return(packet):
            self._finish(packet)

    def note(self, event: Event) -> None:
        """No window crosses a gap."""
        if event.kind in _BREAKS:
            self.end()

    def tick(self) -> None:
        """A pause ends a text."""
        may_end = self._is_text and self._is_begun and self._idle_ns
        if may_end and self._source.clock_ns() - self._times_ns[-1] >= self._idle_ns:
            self._finish(None)

    def end(self) -> None:
        """Give what the stream leaves, at its end or at a gap."""
        self._push(self._items.restart(), None)
        self._down = frozenset()
        self._finish(None)

    def _push(self, items: NDArray[Any], packet: Packet | None) -> None:
        self.items += len(items)
        for item in items:
            for scores in self._speaker.code.push(item):
                self._answer(scores, packet)
        releases = self._is_typed and packet is not None and not any(packet.data[2:])
        self._is_begun |= len(items) > 0 and not releases  # which begins no text

    def _finish(self, packet: Packet | None) -> None:
        for scores in self._speaker.code.flush():
            if self._is_begun:
                self._answer(scores, packet)
        self._is_begun = False

    def _presses_return(self, packet: Packet) -> bool:
        if len(packet.data) != BOOT_REPORT_BYTES:
            return False
        before, self._down = self._down, frozenset(packet.data[2:])
        return bool((self._down - before) & _RETURNS)

    def _answer(self, scores: NDArray[Any], packet: Packet | None) -> None:
        self.answers += 1
        label, percent = self._speaker.say(scores)
        late_ns = None if packet is None else self._source.clock_ns() - packet.timestamp_ns
        answer = Answer(
            time_s=(self._times_ns[-1] - self._first_ns) / 1e9,
            label=label,
            percent=percent,
            scores=tuple(scores.tolist()),
            packets=self.packets,
            rate_hz=rate_hz(self._times_ns),
            latency_ms=None if late_ns is None else max(late_ns, 0) / 1e6,
        )
        self._on_answer(answer)
