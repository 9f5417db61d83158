"""A pipeline: what turns recordings into model inputs, small enough to be kept beside the model as TOML."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import tomli_w

from zerotap.errors import FeatureError

from .raw import raw_windows
from .text import text_windows
from .windows import Windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording

KINDS = ("raw", "text")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """How a recording becomes windows.

    ``kind`` "raw": x is uint8 (n, length, report_bytes), windows of ``length`` reports every ``hop``
    reports. ``kind`` "text": x is int32 (n, length), windows of ``length`` word ids below ``buckets`` every
    ``hop``. ``minimum_fill`` is the share of a padded window that must be real. Raises FeatureError for
    impossible values.
    """

    name: str
    kind: str
    length: int
    hop: int
    minimum_fill: float = 0.5
    report_bytes: int = 8
    buckets: int = 4096

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise FeatureError(f"pipeline kind {self.kind!r} is unknown: choose one of {', '.join(KINDS)}")
        if self.length < 1 or not 1 <= self.hop <= self.length:
            raise FeatureError(
                f"hop {self.hop} does not fit a window of {self.length}: choose 1 to {self.length}"
            )
        if self.buckets < 2 or self.report_bytes < 1:
            raise FeatureError(
                f"{self.buckets} buckets and {self.report_bytes}-byte reports: there must be at least 2 and 1"
            )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one window."""
        return (self.length, self.report_bytes) if self.kind == "raw" else (self.length,)

    def transform(self, recordings: Sequence[tuple[Recording, int]], first_group: int = 0) -> Windows:
        """Cut every (recording, class index) into windows.

        ``groups`` counts the recordings from ``first_group``, so that two sides of a split differ in them.
        Raises FeatureError without recordings, or for a recording that has nothing to cut.
        """
        if not recordings:
            raise FeatureError(
                "there are no recordings to cut into windows: add some with `zerotap type` or `import`"
            )
        parts = [self._cut(recording) for recording, _ in recordings]
        counts = [len(part) for part in parts]
        labels = np.array([label for _, label in recordings], np.int64)
        groups = np.arange(first_group, first_group + len(recordings), dtype=np.int64)
        return Windows(np.concatenate(parts), np.repeat(labels, counts), np.repeat(groups, counts))

    def to_toml(self) -> str:
        """Write every field as TOML."""
        return tomli_w.dumps(dataclasses.asdict(self))

    @classmethod
    def from_toml(cls, text: str) -> Pipeline:
        """Read what ``to_toml`` wrote; raises FeatureError where it is no pipeline."""
        try:
            return cls(**tomllib.loads(text))
        except (tomllib.TOMLDecodeError, TypeError) as error:
            raise FeatureError(
                f"this is no pipeline ({error}): write it again by training the model"
            ) from error

    def _cut(self, recording: Recording) -> NDArray[Any]:
        if self.kind == "raw":
            return raw_windows(recording, self.length, self.hop, self.minimum_fill, self.report_bytes)
        return text_windows(recording, self.length, self.hop, self.minimum_fill, self.buckets)
