"""A seeded typist: text in, timed boot reports out. It never learns what a message is labelled.

The effects modelled are those that Dhakal et al. report ("Observations on typing from 136 million
keystrokes", CHI 2018): skewed dwell and flight times, faster alternation of hands, slower word starts, and
rollover (the next key goes down before the last is up).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zerotap.capture.layouts import (
    FIRST_MODIFIER,
    LEFT_SHIFT_KEY,
    RIGHT_ALT_KEY,
    RIGHT_SHIFT_KEY,
    US,
    Layout,
    Stroke,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

DWELL_MS = 90
INTERVAL_MS = 150
REACH_MS = 50
START_MS = 500
NANOSECONDS_A_MILLISECOND = 1_000_000

_LEFT_HAND = frozenset(US.strokes[character].usage for character in "qwertasdfgzxcvb12345`\t")
_PUNCTUATION = str.maketrans("‘’‚‛“”„‐‑‒–—−⁄", "''''\"\"\"------/")


class TimedReport(NamedTuple):
    """A boot report of 8 bytes (HID 1.11, appendix B.1) and its time since the message began."""

    offset_ns: int
    data: bytes


class _Change(NamedTuple):
    """One key goes up or down. Sorted, a millisecond's releases come before its presses."""

    time_ms: int
    down: bool
    usage: int


def fold(text: str, layout: Layout = US) -> tuple[str, int]:
    """Write ``text`` with the characters that ``layout`` has, and count those that have no spelling in it.

    A character that the layout lacks is replaced by its compatibility decomposition (NFKD) without accents, a
    typographic quote or dash by its plain one; what is then left over is dropped. It has those too that a
    dead key makes.
    """
    folded: list[str] = []
    dropped = 0
    one_newline = text.replace("\r\n", "\n").replace("\r", "\n")
    for character in unicodedata.normalize("NFC", one_newline):
        spelling = _spelling(character, layout)
        folded.append(spelling)
        dropped += not spelling
    return "".join(folded), dropped


def _spelling(character: str, layout: Layout) -> str:
    if character in layout.sequences:
        return character
    plain = unicodedata.normalize("NFKD", character).translate(_PUNCTUATION)
    return "".join(part for part in plain if part in layout.sequences)


@dataclass(frozen=True, slots=True)
class Typist:
    """Types like a person; always the same for the same ``seed`` (not negative), text and message index."""

    seed: int = 0
    layout: Layout = US

    def type(self, text: str, message_index: int) -> list[TimedReport]:
        """Boot reports that spell ``text``, all of whose characters are on the layout (see ``fold``).

        At most two keys are down together, besides shift and AltGr. Times are whole milliseconds, the polling
        interval of a full-speed keyboard; the last report is empty.
        """
        strokes = [stroke for character in text for stroke in self.layout.sequences[character]]
        rng = np.random.default_rng([self.seed, message_index])
        return list(_reports(self._changes(strokes, rng)))

    def _changes(self, strokes: list[Stroke], rng: np.random.Generator) -> list[_Change]:
        reach_ms = _lognormal_ms(rng, REACH_MS, 0.3, (10, 150), len(strokes))
        press_ms, release_ms = self._schedule(strokes, reach_ms, rng)
        changes = []
        held: dict[str, int] = {}
        for i, stroke in enumerate(strokes):
            press, release, reach = int(press_ms[i]), int(release_ms[i]), int(reach_ms[i])
            modifiers = _modifiers(stroke)
            for name in modifiers.keys() - held.keys():
                held[name] = modifiers[name]
                changes.append(_Change(press - reach, True, held[name]))
            changes += _Change(press, True, stroke.usage), _Change(release, False, stroke.usage)
            following = _modifiers(strokes[i + 1]) if i + 1 < len(strokes) else {}
            for name in held.keys() - following.keys():
                changes.append(_Change(release + reach // 2, False, held.pop(name)))
        return changes

    def _schedule(
        self, strokes: list[Stroke], reach_ms: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """When each key goes down and up again, in milliseconds, int64 (len(strokes),) each."""
        dwell_ms = _lognormal_ms(rng, DWELL_MS, 0.3, (30, 300), len(strokes))
        interval_ms = _lognormal_ms(rng, INTERVAL_MS, 0.4, (40, 1500), len(strokes))
        press_ms = np.empty(len(strokes), np.int64)
        now_ms = START_MS
        for i, stroke in enumerate(strokes):
            if i > 0:
                last = strokes[i - 1]
                wait_ms = int(interval_ms[i] * self._pace(last, stroke))
                if last.usage == stroke.usage or last[1:] != stroke[1:]:
                    # No rollover: a key must be up to be pressed again, modifiers change between two keys.
                    wait_ms = max(wait_ms, int(dwell_ms[i - 1] + reach_ms[i - 1] + reach_ms[i]))
                now_ms += wait_ms
            press_ms[i] = now_ms
        release_ms = press_ms + dwell_ms
        np.minimum(release_ms[:-2], press_ms[2:] - 1, out=release_ms[:-2])
        return press_ms, release_ms

    def _pace(self, last: Stroke, stroke: Stroke) -> float:
        """How much slower (above 1) or faster a key follows another."""
        if self.layout.character(last.usage).isspace():
            return 1.25
        return 1.0 if _is_left(last) == _is_left(stroke) else 0.85


def _modifiers(stroke: Stroke) -> dict[str, int]:
    """The modifiers that a stroke needs, by name, and their keys: shift's is the other hand's."""
    modifiers = {"altgr": RIGHT_ALT_KEY} if stroke.altgr else {}
    if stroke.shift:
        modifiers["shift"] = RIGHT_SHIFT_KEY if _is_left(stroke) else LEFT_SHIFT_KEY
    return modifiers


def _is_left(stroke: Stroke) -> bool:
    return stroke.usage in _LEFT_HAND


def _lognormal_ms(
    rng: np.random.Generator, median_ms: float, sigma: float, limits_ms: tuple[int, int], size: int
) -> NDArray[np.int64]:
    times_ms = rng.lognormal(np.log(median_ms), sigma, size)
    return np.clip(times_ms, *limits_ms).astype(np.int64)


def _reports(changes: list[_Change]) -> Iterator[TimedReport]:
    """Yield a report for each millisecond in which something changes; held keys stand in order of press."""
    held: list[int] = []
    modifiers = 0
    for time_ms, group in groupby(sorted(changes), key=itemgetter(0)):
        for change in group:
            if change.usage >= FIRST_MODIFIER:
                modifiers ^= 1 << (change.usage - FIRST_MODIFIER)
            elif change.down:
                held.append(change.usage)
            else:
                held.remove(change.usage)
        yield TimedReport(time_ms * NANOSECONDS_A_MILLISECOND, bytes((modifiers, 0, *held)).ljust(8, b"\0"))
