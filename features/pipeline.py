"""A pipeline: the named chain that turns recordings into model inputs, kept beside the model as TOML.

What trains the model and what is exported with it read the same chain.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import tomli_w

from zerotap.errors import FeatureError

from .constant_channels import refuse_constant_channels
from .inputs.frames import framed_samples
from .segments import segments
from .transforms.count_window import CountWindows
from .transforms.interface import Signal, Transform
from .transforms.item_times import TIME_BYTES, timed
from .transforms.registry import transform_type
from .transforms.typed_words import TypedWords
from .transforms.whole_text import TypedText
from .windows import Windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording

PIPELINE_FILE: Final = "pipeline.toml"

SOURCES: Final = {
    "reports": "uint8",
    "timed_reports": "uint8",
    "samples": "int16",
    "timed_samples": "int16",
    "frames": "int16",
}
_TYPES: Final = {"int": (int,), "float": (int, float), "str": (str,), "bool": (bool,)}
WORDS: Final = (TypedWords, TypedText)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages, one behind the other, and what goes into the first.

    ``source`` "reports" gives each packet of ``report_bytes`` bytes as uint8, "samples" as int16,
    little-endian; "timed_..." puts its time in front (see ``timed``). "frames" gives the samples of a
    sensor's binary frames (examples/SensorStream), ``report_bytes`` being two a channel. Raises FeatureError
    for impossible values, and for a stage that does not take what comes to it.
    """

    name: str
    stages: tuple[Transform, ...]
    source: str = "reports"
    report_bytes: int = 8

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise FeatureError(f"source {self.source!r} is unknown: choose one of {', '.join(SOURCES)}")
        if self.report_bytes < 1 or self.report_bytes % np.dtype(SOURCES[self.source]).itemsize:
            raise FeatureError(
                f"{self.source} of {self.report_bytes} bytes: choose 1 or more, for samples an even number"
            )
        if not self.stages:
            raise FeatureError(f"pipeline {self.name!r} has no stage: give it windows at least")
        self.signals  # noqa: B018  (every stage takes what comes to it)

    @classmethod
    def raw(
        cls, name: str, length: int, hop: int, minimum_fill: float = 0.5, report_bytes: int = 8
    ) -> Pipeline:
        """Windows of ``length`` reports every ``hop``, byte for byte: uint8 (length, report_bytes)."""
        return cls(name, (CountWindows(length, hop, minimum_fill),), "reports", report_bytes)

    @classmethod
    def text(
        cls, name: str, length: int, hop: int, minimum_fill: float = 0.5, buckets: int = 4096
    ) -> Pipeline:
        """Windows of ``length`` ids of typed words every ``hop``: int32 (length,), below ``buckets``."""
        return cls(name, (TypedWords(buckets - 1), CountWindows(length, hop, minimum_fill)))

    @property
    def signals(self) -> list[Signal]:
        """What goes into each stage, and last what comes out."""
        dtype = SOURCES[self.source]
        is_timed = TIME_BYTES * self.source.startswith("timed_")
        signals = [Signal(((self.report_bytes + is_timed) // np.dtype(dtype).itemsize,), dtype)]
        for stage in self.stages:
            signals.append(stage.output(signals[-1]))
        return signals

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one result: a model's input."""
        return self.signals[-1].shape

    @property
    def kind(self) -> str:
        """Return "text" for ids, else "raw"."""
        return "text" if any(isinstance(stage, WORDS) for stage in self.stages) else "raw"

    @property
    def buckets(self) -> int:
        """Rows of a table for the word ids, the padding's 0 too; raises FeatureError without such ids."""
        for stage in self.stages:
            if isinstance(stage, TypedText) and stage.signed:
                raise FeatureError(f"pipeline {self.name!r} gives signed ids, which have no rows in a table")
            if isinstance(stage, WORDS):
                return stage.buckets + 1
        raise FeatureError(f"pipeline {self.name!r} gives no word ids: add the stage typed_words")

    def transform(self, recordings: Sequence[tuple[Recording, int]], first_group: int = 0) -> Windows:
        """Cut every (recording, class index) into windows, none of which crosses a gap or an unplug.

        ``groups`` counts the recordings from ``first_group``, so that two sides of a split differ in them. A
        recording without a window (a text without a word) gives one of zeros, so that each is scored. Raises
        FeatureError without recordings, or for a recording that has nothing to cut.
        """
        if not recordings:
            raise FeatureError(
                "there are no recordings to cut into windows: add some with `zerotap type` or `import`"
            )
        parts = [self._cut(recording) for recording, _ in recordings]
        counts = [sum(map(len, pieces)) for pieces in parts]
        labels = np.array([label for _, label in recordings], np.int64)
        groups = np.arange(first_group, first_group + len(recordings), dtype=np.int64)
        # The one copy: until here windows are views.
        x = np.concatenate([piece for pieces in parts for piece in pieces])
        return Windows(x, np.repeat(labels, counts), np.repeat(groups, counts))

    def check(self, recordings: Sequence[tuple[Recording, int]]) -> None:
        """Raise FeatureError where a sensor's channel is the same in all recordings to be trained on."""
        if self.source in ("samples", "frames") and recordings:
            refuse_constant_channels(np.concatenate([self.items(recording) for recording, _ in recordings]))

    def apply(self, items: NDArray[Any]) -> NDArray[Any]:
        """Pass the items of one recording without gaps, (n, *signals[0].shape), through all stages."""
        for stage in self.stages:
            items = stage.batch(items)
        return items

    def items(self, recording: Recording) -> NDArray[Any]:
        """What goes into the first stage: a view of the recording's packets where it can be."""
        if self.source == "frames":
            return framed_samples(recording, self.report_bytes // 2)
        rows = recording.reports(self.report_bytes).view("<i2" if SOURCES[self.source] == "int16" else "u1")
        if not self.source.startswith("timed_"):
            return rows
        return timed(recording.timestamps_ns[recording.lengths == self.report_bytes], rows)

    def to_dict(self) -> dict[str, Any]:
        """Every field, of each stage its name as ``transform`` and its own fields; fit for JSON and TOML."""
        stages = [{"transform": stage.name, **dataclasses.asdict(stage)} for stage in self.stages]  # type: ignore[call-overload]
        return {
            "name": self.name,
            "source": self.source,
            "report_bytes": self.report_bytes,
            "stages": stages,
        }

    def to_toml(self) -> str:
        """Write every field as TOML."""
        return tomli_w.dumps(self.to_dict())

    @classmethod
    def from_toml(cls, text: str) -> Pipeline:
        """Read what ``to_toml`` wrote; raises FeatureError where it is no pipeline."""
        try:
            fields = tomllib.loads(text)
            stages = tuple(_stage(stage) for stage in fields.pop("stages"))
            _check_types(cls, fields)
            return cls(stages=stages, **fields)
        except (tomllib.TOMLDecodeError, TypeError, KeyError, AttributeError) as error:
            raise FeatureError(
                f"this is no pipeline ({error}): write it again by training the model"
            ) from error

    @classmethod
    def read(cls, path: str | Path) -> Pipeline:
        """Read a TOML file; raises FeatureError, which names it, where it holds no pipeline."""
        try:
            return cls.from_toml(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise FeatureError(f"{path} cannot be read ({error}): give a pipeline's TOML") from error
        except FeatureError as error:
            raise FeatureError(f"{path}: {error}") from error

    def _cut(self, recording: Recording) -> list[NDArray[Any]]:
        pieces = [self.items(piece) for piece in segments(recording)]
        if not sum(map(len, pieces)):
            raise FeatureError(
                f"recording {recording.name or '(unnamed)'} has no {self.source} of {self.report_bytes} "
                "bytes: record it again, or take it out of the dataset"
            )
        windows = [self.apply(piece) for piece in pieces if len(piece)]
        target = self.signals[-1]
        return windows if any(map(len, windows)) else [np.zeros((1, *target.shape), target.dtype)]


def _stage(fields: dict[str, Any]) -> Transform:
    """One stage from its TOML table; a list there is a tuple here."""
    kind = transform_type(fields.pop("transform"))
    _check_types(kind, fields)
    return kind(**{name: _frozen(value) for name, value in fields.items()})


def _check_types(kind: type, fields: dict[str, Any]) -> None:
    """Raise TypeError for a value of another type than its field's; TOML knows 4, 4.0, "4" and true apart."""
    wanted = {field.name: str(field.type) for field in dataclasses.fields(kind)}
    for name, value in fields.items():
        scalar = wanted.get(name, "").removeprefix("tuple[").removesuffix(", ...]")
        values = value if wanted.get(name, "").startswith("tuple[") and isinstance(value, list) else [value]
        if scalar in _TYPES and any(type(one) not in _TYPES[scalar] for one in values):
            raise TypeError(f"{name} = {value!r} is no {wanted[name]}")


def _frozen(value: Any) -> Any:  # noqa: ANN401
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
