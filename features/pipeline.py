"""A pipeline: the named chain that turns recordings into model inputs, kept beside the model as TOML.

What trains the model and what is exported with it read the same chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import tomli_w

from zerotap.capture import BOOT_REPORT_BYTES
from zerotap.contents import Bounds, read_text, text_fault
from zerotap.errors import FeatureError
from zerotap.toml_text import parse_toml

from .constant_channels import refuse_constant_channels
from .fitting import fit_stages, is_fitted, measure_numbers, way_out
from .inputs.interface import ROW_BYTES_MAX
from .inputs.live_items import LiveItems
from .inputs.registry import INPUTS, input_named
from .inputs.sensor_numbers import DECIMALS_MOST, ITEM_BYTES, Numbers
from .segments import segments
from .stages import check_fields, in_stage, read_stage, stage_table
from .transforms.count_window import CountWindows
from .transforms.interface import ManyAtOnce, Signal, Transform
from .transforms.key_ids import KEY_IDS, KeyIds
from .transforms.parameters import REQUIRED, About, Parameter
from .transforms.typed_grams import MOST_SEED, TypedGrams
from .transforms.typed_words import TypedWords
from .transforms.whole_text import TypedText
from .windows import Windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import DeviceIdentity, Recording

    from .inputs.interface import Input

PIPELINE_FILE: Final = "pipeline.toml"
"""A pipeline in a model's folder."""

_BOUNDS: Final = Bounds(FeatureError, 1 << 18, "a pipeline has a few stages", text_fault)
_FIELDS: Final = (
    Parameter("name", str, False, REQUIRED, About("the pipeline's own")),
    Parameter("source", str, False, "reports", About("what goes in", choices=tuple(INPUTS))),
    Parameter("report_bytes", int, False, 8, About("of a packet or sample", "bytes", 1, ROW_BYTES_MAX)),
    Parameter(
        "decimals",
        int,
        True,
        (),
        About("digits behind the point of numbers", "", -DECIMALS_MOST, DECIMALS_MOST, rule="none: measured"),
    ),
)
OF_NUMBERS: Final = frozenset(name for name, one in INPUTS.items() if isinstance(one.rows, Numbers))
WORDS: Final = (TypedWords, TypedGrams, TypedText)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages, one behind the other, and what goes into the first.

    ``source`` names an input of ``features.inputs``: "reports" gives each packet of ``report_bytes`` bytes as
    uint8, "samples" as int16, little-endian, "frames" the samples of a sensor's binary frames
    (examples/SensorStream), ``report_bytes`` being two a channel; "timed_..." puts its time in front (see
    ``timed``). "numbers" gives a sensor's samples, text or frames, as int32 in units of 10^-``decimals``,
    ``report_bytes`` being four a channel; where either is left out (0, none), or the range of a stage, the
    pipeline is not fitted yet: ``fitted`` measures them. Raises FeatureError for impossible values, and where
    a stage does not take what comes to it.
    """

    name: str
    stages: tuple[Transform, ...]
    source: str = "reports"
    report_bytes: int = 8
    decimals: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.report_bytes or not self.is_of_numbers:
            self.input.check(self.report_bytes)
        if not self.stages:
            raise FeatureError(f"pipeline {self.name!r} has no stage: give it windows at least")
        self._check_decimals()
        if self.is_fitted:
            self.signals  # noqa: B018  (every stage takes what comes to it)

    def _check_decimals(self) -> None:
        fitting = (1, self.report_bytes // ITEM_BYTES) if self.is_of_numbers else ()
        if self.decimals and len(self.decimals) not in fitting:
            raise FeatureError(
                f"decimals of {len(self.decimals)} channels do not go with {self.source} of "
                f"{self.report_bytes} bytes: give each channel of numbers one, or leave them out"
            )
        if any(abs(one) > DECIMALS_MOST for one in self.decimals):
            raise FeatureError(
                f"decimals are -{DECIMALS_MOST} to {DECIMALS_MOST}: choose such, or leave them out"
            )

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
    def input(self) -> Input:
        """What ``source`` names."""
        one = input_named(self.source)
        return replace(one, rows=Numbers(self.decimals)) if self.decimals else one

    @property
    def is_of_numbers(self) -> bool:
        """Whether what goes in is counted in units of 10^-``decimals``."""
        return self.source in OF_NUMBERS

    @property
    def takes_boot_reports(self) -> bool:
        """Whether 8-byte reports go in: of keyboards, those of the boot protocol."""
        return self.input.rows.name == "reports" and self.report_bytes == BOOT_REPORT_BYTES

    @property
    def is_fitted(self) -> bool:
        """Whether nothing is left to be measured on training recordings."""
        is_counted = bool(self.report_bytes and self.decimals) or not self.is_of_numbers
        return is_counted and all(map(is_fitted, self.stages))

    def fitted(self, training: Sequence[tuple[Recording, int]]) -> Pipeline:
        """Itself, with what it leaves out measured on ``training``, (recording, class index) each.

        Raises FeatureError where there is nothing to measure.
        """
        if self.is_fitted:
            return self
        pieces, counted = [piece for recording, _ in training for piece in segments(recording)], self
        if self.is_of_numbers:
            row_bytes, decimals = measure_numbers(pieces)
            counted = replace(
                self, report_bytes=self.report_bytes or row_bytes, decimals=self.decimals or decimals
            )
        items = [counted.items(piece) for piece in pieces]
        return replace(counted, stages=fit_stages(self.stages, items, pieces, self.source))

    @property
    def signals(self) -> list[Signal]:
        """What goes into each stage, and last what comes out; raises FeatureError before it is fitted."""
        if not self.is_fitted:
            raise FeatureError(
                f"pipeline {self.name!r} leaves out what training measures: train a model with it, whose "
                "folder then has the whole pipeline"
            )
        signals = [self.input.signal(self.report_bytes)]
        for number, stage in enumerate(self.stages, 1):
            with in_stage(number, stage.name):
                signals.append(stage.output(signals[-1]))
        return signals

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one result: a model's input."""
        return self.signals[-1].shape

    @property
    def kind(self) -> str:
        """Return "text" for ids of words, else "raw": for those of keys too."""
        return "text" if any(isinstance(stage, WORDS) for stage in self.stages) else "raw"

    @property
    def gives_ids(self) -> bool:
        """Whether a result is one id, int32 (): ``features.bags`` gathers those of a recording."""
        return self.signals[-1] == Signal((), "int32")

    @property
    def buckets(self) -> int:
        """Rows of a table for the ids, the padding's 0 too; raises FeatureError without such ids."""
        for stage in self.stages:
            if isinstance(stage, KeyIds):
                return KEY_IDS
            if isinstance(stage, TypedText) and stage.signed:
                raise FeatureError(f"pipeline {self.name!r} gives signed ids, which have no rows in a table")
            if isinstance(stage, WORDS):
                return stage.buckets + 1
        raise FeatureError(
            f"pipeline {self.name!r} gives no word ids: add the stage typed_words, or key_ids for "
            "those of keys"
        )

    def hashed_by(self, seed: int) -> Pipeline:
        """Itself with ``seed`` added to the hash seed of a stage that has one: other words share a bucket."""
        stages = [
            replace(stage, seed=(stage.seed + seed) % (MOST_SEED + 1))
            if isinstance(stage, TypedGrams)
            else stage
            for stage in self.stages
        ]
        return replace(self, stages=tuple(stages))

    @property
    def feature_names(self) -> list[str]:
        """A name for each element of a result where a stage gives them ("mean_0"), else none.

        Statistics and spectra name theirs; a stage that changes the number of elements loses the names.
        """
        names: list[str] = []
        signals = self.signals
        for stage, source, target in zip(self.stages, signals, signals[1:], strict=False):
            named = getattr(stage, "feature_names", None)
            if named or target.size != source.size:
                names = list(named(source)) if named else []
        return names

    def transform(self, recordings: Sequence[tuple[Recording, int]], first_group: int = 0) -> Windows:
        """Cut every (recording, class index) into windows, none of which crosses a gap or an unplug.

        ``groups`` counts the recordings from ``first_group``, so that two sides of a split differ in them. A
        recording without a window (a text without a word) gives one of zeros, so that each is scored. Raises
        FeatureError without recordings, for a recording that has nothing to cut, and before it is fitted.
        """
        if not recordings:
            raise FeatureError(
                "there are no recordings to cut into windows: add some with `zerotap type` or `import`"
            )
        self.signals  # noqa: B018  (raises where it is not fitted)
        parts = self._cut([recording for recording, _ in recordings])
        counts = [sum(map(len, pieces)) for pieces in parts]
        labels = np.array([label for _, label in recordings], np.int64)
        groups = np.arange(first_group, first_group + len(recordings), dtype=np.int64)
        # The one copy: until here windows are views.
        x = np.concatenate([piece for pieces in parts for piece in pieces])
        return Windows(x, np.repeat(labels, counts), np.repeat(groups, counts))

    def check(self, recordings: Sequence[tuple[Recording, int]]) -> None:
        """Raise FeatureError where a sensor's channel is the same in all recordings to be trained on."""
        if self.input.rows.channels_vary and recordings:
            items = np.concatenate([self.items(recording) for recording, _ in recordings])
            refuse_constant_channels(self.input.untimed(items))

    def apply(self, items: NDArray[Any]) -> NDArray[Any]:
        """Pass the items of one recording without gaps, (n, *signals[0].shape), through all stages."""
        return _through(self.stages, items)

    def items(self, recording: Recording) -> NDArray[Any]:
        """What goes into the first stage: a view of the recording's packets where it can be."""
        return self.input.items(recording, self.report_bytes)

    def pieces(self, recording: Recording) -> list[NDArray[Any]]:
        """``items`` of a recording without gaps, one for each piece that has any."""
        items = map(self.items, segments(recording))
        return [piece for piece in items if len(piece)]

    def live_items(self, device: DeviceIdentity) -> LiveItems:
        """What makes items of packets as ``device`` sends them: the same as those of ``pieces``."""
        return LiveItems(self.input, self.report_bytes, device)

    def draw(self, count: int, seed: int = 0) -> NDArray[Any]:
        """Items (count, *signals[0].shape) to measure with; the same seed gives the same."""
        return self.input.draw(count, self.report_bytes, seed)

    def to_dict(self) -> dict[str, Any]:
        """Every field, of each stage its name as ``transform`` and its own fields; fit for JSON and TOML."""
        return {
            "name": self.name,
            "source": self.source,
            "report_bytes": self.report_bytes,
            **({"decimals": list(self.decimals)} if self.is_of_numbers else {}),
            "stages": list(map(stage_table, self.stages)),
        }

    def to_toml(self) -> str:
        """Write every field as TOML."""
        return tomli_w.dumps(self.to_dict())

    @classmethod
    def from_toml(cls, text: str) -> Pipeline:
        """Read what ``to_toml`` wrote; raises FeatureError, which names the stage and field at fault."""
        try:
            fields = parse_toml(text)
        except ValueError as error:
            raise FeatureError(f"this is no pipeline ({error}): write it as TOML") from error
        tables = fields.pop("stages", None)
        if not isinstance(tables, list):
            raise FeatureError("this is no pipeline: give it a [[stages]] table for each transform")
        check_fields("a pipeline", _FIELDS, fields)
        fields["decimals"] = tuple(fields.get("decimals", ()))
        if fields.get("source") in OF_NUMBERS:
            fields.setdefault("report_bytes", 0)
        return cls(stages=tuple(read_stage(*one) for one in enumerate(tables, 1)), **fields)

    @classmethod
    def read(cls, path: str | Path, *, inside: bool = False) -> Pipeline:
        """Read a TOML file; raises FeatureError, which names it, where it holds no pipeline.

        ``inside``: it lies in a folder of others, where only a file is opened, and no pipe.
        """
        try:
            return cls.from_toml(read_text(path, _BOUNDS, inside=inside))
        except (OSError, UnicodeDecodeError) as error:
            raise FeatureError(f"{path} cannot be read ({error}): give a pipeline's TOML") from error
        except FeatureError as error:
            said = str(error)
            raise FeatureError(said if said.startswith(f"{path}: ") else f"{path}: {said}") from error

    def _cut(self, recordings: Sequence[Recording]) -> list[list[NDArray[Any]]]:
        """Windows of each recording, an array a piece."""
        pieces_of = [self._some_pieces(recording) for recording in recordings]
        results = iter(self._apply_each([piece for pieces in pieces_of for piece in pieces]))
        target = self.signals[-1]
        nothing = [np.zeros((1, *target.shape), target.dtype)]
        parts = [list(islice(results, len(pieces))) for pieces in pieces_of]
        return [windows if any(map(len, windows)) else nothing for windows in parts]

    def _some_pieces(self, recording: Recording) -> list[NDArray[Any]]:
        pieces = self.pieces(recording)
        if not pieces:
            raise FeatureError(
                f"recording {recording.name or '(unnamed)'} has no {self.source} of {self.report_bytes} "
                f"bytes: {way_out(recording)}"
            )
        return pieces

    def _apply_each(self, pieces: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        first = self.stages[0]
        if not isinstance(first, ManyAtOnce):
            return [self.apply(piece) for piece in pieces]
        return [_through(self.stages[1:], results) for results in first.batches(pieces)]


def _through(stages: Sequence[Transform], items: NDArray[Any]) -> NDArray[Any]:
    for stage in stages:
        items = stage.batch(items)
    return items
