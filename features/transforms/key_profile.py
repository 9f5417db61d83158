"""How somebody strikes each of some keys, and strikes keys at all: a row of numbers to tell typists apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import numpy as np

from zerotap.errors import FeatureError

from .elapsed_time import log2_code
from .interface import Signal, Stream, Transform
from .keystroke_timing import LONGEST_MS
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

STROKE: Final = Signal((3,), "int16")
PRESENT: Final = 127
LONGEST_CODE: Final = 120
"""``log2_code`` of LONGEST_MS."""
OF_A_KEY: Final = ("present", "dwell", "press_press", "release_press")
EIGHTHS: Final = (1, 2, 4, 6, 7)
"""Of the strokes in order: those with an eighth, a quarter, half ... of the others before them."""
MOST_KEYS: Final = 64
MOST_STROKES: Final = 65535
_FIRST_KEY, _LAST_KEY = 0x04, 0xE7


@dataclass(frozen=True, slots=True)
class KeyProfile:
    """Keystrokes int16 (3,), (usage, dwell, flight) of keystroke_timing, to one row int8 (m,) of their times.

    For each of ``keys`` four values of its last stroke: 127 where the key was struck (else all four are 0),
    then as ``log2_code`` (eight steps an octave, 0 to 120) its dwell, the time from the press before to its
    press, and from release to press: that time less the dwell of the stroke that was given before, as a code
    with its sign, 0 for the first. Then, with ``quantiles``, for dwell, press to press and release to press
    the codes with 1, 2, 4, 6 and 7 eighths of the first 65,535 strokes before them.

    The row is given at the recording's end (also of one without a stroke: zeros), or of each ``strokes``
    strokes and of the rest at the end. ``keys`` are HID usages, each once, modifiers too; left out, training
    takes the ``most_keys`` most frequent ones of the training recordings. Raises FeatureError for other
    values.
    """

    name: ClassVar[str] = "key_profile"
    host_only: ClassVar[str] = ""
    keys: Annotated[
        tuple[int, ...],
        About(
            "keys with values of their own",
            "HID usages",
            _FIRST_KEY,
            _LAST_KEY,
            rule=f"up to {MOST_KEYS} of {_FIRST_KEY} to {_LAST_KEY}, each once; none: measured",
        ),
    ] = ()
    most_keys: Annotated[int, About("how many are measured", "keys", 1, MOST_KEYS)] = 21
    quantiles: Annotated[bool, About("values of all strokes too")] = True
    strokes: Annotated[int, About("of a row; 0: the whole recording", "strokes", 0, MOST_STROKES)] = 0

    def __post_init__(self) -> None:
        foreign = [key for key in self.keys if not _FIRST_KEY <= key <= _LAST_KEY]
        if foreign or len(set(self.keys)) != len(self.keys) or len(self.keys) > MOST_KEYS:
            raise FeatureError(
                f"{len(self.keys)} keys {list(self.keys)[:8]}: choose up to {MOST_KEYS} different usages "
                f"from {_FIRST_KEY:#04x} to {_LAST_KEY:#04x}"
            )
        if not 1 <= self.most_keys <= MOST_KEYS:
            raise FeatureError(f"{self.most_keys} keys cannot be measured: choose 1 to {MOST_KEYS}")
        if not 0 <= self.strokes <= MOST_STROKES:
            raise FeatureError(f"rows of {self.strokes} strokes: choose 1 to {MOST_STROKES}, or 0 for all")

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the conformance checks run over."""
        return [
            (cls((0x04, 0x05, 0x06, 0x07, 0x2C, 0x2A, 0xE1)), STROKE),
            (cls((0x1E, 0x08), quantiles=False), STROKE),
            (cls(tuple(range(0x04, 0x24)), strokes=9), STROKE),
            (cls((0x10,), strokes=1), STROKE),
        ]

    @property
    def is_fitted(self) -> bool:
        """Whether the keys are known."""
        return bool(self.keys)

    def fitted_to(self, items: NDArray[Any]) -> KeyProfile:
        """Take the most frequent keys of strokes (n, 3), in the order of their usages."""
        usages, counts = np.unique(items[:, 0], return_counts=True)
        most = usages[np.argsort(-counts, kind="stable")[: self.most_keys]]
        return replace(self, keys=tuple(sorted(most.tolist())))

    def output(self, source: Signal) -> Signal:
        """Return int8 (m,); raises FeatureError for other than keystrokes."""
        if source != STROKE:
            raise FeatureError(
                f"key_profile takes no {source.dtype} of shape {source.shape}: put keystroke_timing before "
                "it, which gives int16 (3,)"
            )
        return Signal((len(self.feature_names(source)),), "int8")

    def feature_names(self, source: Signal) -> list[str]:
        """What each element of a result is: ``dwell_4`` of usage 4, ``dwell_6_8`` the upper quartile."""
        names = [f"{value}_{key}" for key in self.keys for value in OF_A_KEY]
        parts = [f"{value}_{part}_8" for value in OF_A_KEY[1:] for part in EIGHTHS]
        return names + parts * self.quantiles

    def batch(self, items: NDArray[Any]) -> NDArray[np.int8]:
        """Strokes int16 (n, 3) to rows int8 (rows, m)."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        step = self.strokes or max(1, len(items))
        starts = range(0, max(1, len(items)), step)
        return np.array([self._row(items[start : start + step]) for start in starts], np.int8)

    def _row(self, strokes: NDArray[np.int16]) -> NDArray[np.int64]:
        codes = codes_of(strokes)
        values = np.zeros((len(self.keys), len(OF_A_KEY)), np.int64)
        for place, key in enumerate(self.keys):
            struck = np.flatnonzero(strokes[:, 0] == key)
            if len(struck):
                values[place] = PRESENT, *codes[struck[-1]]
        return np.concatenate([values.ravel(), *self._quantiles(codes[:MOST_STROKES])])

    def _quantiles(self, codes: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        if self.quantiles:
            ranks = [len(codes[1:]) * part >> 3 for part in EIGHTHS]
            ordered = np.sort(codes, axis=0) if len(codes) else np.zeros((1, 3), np.int64)
            yield ordered[ranks].T.ravel()

    def stream(self, source: Signal) -> Stream:
        """Begin a recording."""
        self.output(source)
        return _ProfileStream(self)


def codes_of(strokes: NDArray[np.int16]) -> NDArray[np.int64]:
    """Codes of dwell, press to press and release to press, int64 (n, 3); times below 0 count as 0."""
    times = np.clip(strokes[:, 1:].astype(np.int64), 0, LONGEST_MS)
    since_release = times[:, 1] - np.concatenate([times[:1, 1], times[:-1, 0]])
    signs = np.sign(since_release)
    codes = [log2_code(times[:, 0]), log2_code(times[:, 1]), log2_code(np.abs(since_release))]
    return np.stack([codes[0], codes[1], codes[2] * signs], axis=1).astype(np.int64)


@dataclass(slots=True)
class _ProfileStream:
    """What a board holds: each key's values, how often each code was there, and the dwell before."""

    profile: KeyProfile
    values: dict[int, list[int]] = field(default_factory=dict)
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros((3, LONGEST_CODE * 2 + 1), np.int64))
    before: list[NDArray[Any]] = field(default_factory=list)
    seen: int = 0
    given: bool = False

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        """Take a stroke; give the row that it completes."""
        self.before = [*self.before[-1:], item.copy()]
        codes = codes_of(np.stack(self.before))[-1]
        if int(item[0]) in self.profile.keys:
            self.values[int(item[0])] = [PRESENT, *codes.tolist()]
        if self.seen < MOST_STROKES:
            self.counts[np.arange(3), codes + LONGEST_CODE] += 1
        self.seen += 1
        return [self._give()] if self.seen == self.profile.strokes else []

    def flush(self) -> list[NDArray[Any]]:
        """Give the row of the rest, or of a recording without any."""
        return [self._give()] if self.seen or not self.given else []

    def _give(self) -> NDArray[Any]:
        row = [value for key in self.profile.keys for value in self.values.get(key, [0] * len(OF_A_KEY))]
        if self.profile.quantiles:
            row += [self._quantile(counts, part) for counts in self.counts for part in EIGHTHS]
        self.values, self.before, self.seen, self.given = {}, [], 0, True
        self.counts[:] = 0
        return np.array(row, np.int8)

    def _quantile(self, counts: NDArray[np.int64], part: int) -> int:
        rank = max(0, min(self.seen, MOST_STROKES) - 1) * part >> 3
        passed = np.cumsum(counts)
        return int(np.argmax(passed > rank)) - LONGEST_CODE if self.seen else 0
