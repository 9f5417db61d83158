"""How keys are struck: dwell and flight times, by which typists differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from zerotap.capture import KeyEvents, KeyEventStream, key_events
from zerotap.errors import FeatureError

from .interface import Signal, Stream, Transform
from .item_times import elapsed_ms, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_MS = 32767
TIMED_REPORT = Signal((12,), "uint8")


@dataclass(frozen=True, slots=True)
class KeystrokeTiming:
    """Give (usage, dwell, flight) of every keystroke when its key is released; modifiers are keys too.

    Dwell is the time from press to release, flight that from the press before (of any key) to this press, 0
    for the first; both in ms up to 32,767. From press to press, because that is known at the press, and
    defined where keys overlap; from release to press is less by the dwell before. Keys still down at a
    recording's end give nothing. Order within a report as in ``capture.key_events``.

    Items timed boot reports, uint8 (12,); results int16 (3,), up to 14 an item.
    """

    name: ClassVar[str] = "keystroke_timing"
    host_only: ClassVar[str] = ""

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """There is one form."""
        return [(cls(), TIMED_REPORT)]

    def output(self, source: Signal) -> Signal:
        """Return rows of three; raises FeatureError for other than timed boot reports."""
        if source != TIMED_REPORT:
            raise FeatureError(
                f"keystroke_timing takes no {source.dtype} of shape {source.shape}: "
                "give it timed boot reports, uint8 (12,)"
            )
        return Signal((3,), "int16")

    def batch(self, items: NDArray[Any]) -> NDArray[np.int16]:
        """Time the keystrokes of timed reports (n, 12); gives (strokes, 3)."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        now = np.cumsum(elapsed_ms(items))
        events = _distinct(key_events(rows_of(items)))
        at_ms = now[events.reports]
        flight = np.zeros(len(events), np.int64)
        flight[events.pressed] = np.diff(at_ms[events.pressed], prepend=at_ms[events.pressed][:1])
        # By key and then in time: every release stands behind its press.
        order = np.argsort(events.usages, kind="stable")
        releases = np.flatnonzero(~events.pressed[order])
        up, down = order[releases], order[releases - 1]
        strokes = np.stack(
            [events.usages[up].astype(np.int64), at_ms[up] - at_ms[down], flight[down]], axis=1
        )
        return np.minimum(strokes[np.argsort(up)], LONGEST_MS).astype(np.int16)

    def stream(self, source: Signal) -> Stream:
        """Time one report at a time."""
        self.output(source)
        return _TimingStream()


def _distinct(events: KeyEvents) -> KeyEvents:
    """Drop the second event of a key that stands twice in a report."""
    keys = events.reports * 512 + events.pressed * 256 + events.usages
    kept = np.zeros(len(events), np.bool_)
    kept[np.unique(keys, return_index=True)[1]] = True
    return events.where(kept)


@dataclass(slots=True)
class _TimingStream:
    """``down``: usage -> (pressed at, flight)."""

    seen: list[NDArray[Any]] = field(default_factory=list)
    keys: KeyEventStream = field(default_factory=KeyEventStream)
    down: dict[int, tuple[int, int]] = field(default_factory=dict)
    now: int = 0
    last_press: int | None = None

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        self.seen = [*self.seen[-1:], item.copy()]
        self.now += int(elapsed_ms(np.stack(self.seen))[-1])
        changes = _distinct(self.keys.push(rows_of(item[None])[0]))
        strokes = []
        for usage, pressed in zip(changes.usages.tolist(), changes.pressed.tolist(), strict=True):
            if pressed:
                flight = 0 if self.last_press is None else self.now - self.last_press
                self.down[usage], self.last_press = (self.now, flight), self.now
            else:
                at_ms, flight = self.down.pop(usage)
                stroke = np.minimum([usage, self.now - at_ms, flight], LONGEST_MS)
                strokes.append(stroke.astype(np.int16))
        return strokes

    def flush(self) -> list[NDArray[Any]]:
        return []
