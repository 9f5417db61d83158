"""What a library's example sketches are made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from zerotap.features import ITEM_BYTES

if TYPE_CHECKING:
    from zerotap.features import Pipeline
    from zerotap.firmware.artefacts import Artefact
    from zerotap.firmware.board import Board

_MOST_DECIMALS: Final = 4
_SAMPLES: Final = ("samples", "frames", "numbers")


@dataclass(frozen=True, slots=True)
class Sketched:
    """What a library's sketches are made for.

    ``input_type``: the C type of the elements of what NAME_invoke takes; empty where that is not one array.
    ``is_stream``: NAME_reset begins what NAME_invoke goes on with. ``in_steps``: there is NAME_flush_step.
    ``has_classes``: there are NAME_label and NAME_argmax; ``has_percent``: NAME_percent too.
    ``has_thresholds``: outputs count by themselves.
    """

    name: str
    board: Board
    pipeline: Pipeline | None = None
    input_type: str = ""
    is_stream: bool = False
    in_steps: bool = False
    has_classes: bool = False
    has_percent: bool = False
    has_thresholds: bool = False

    @property
    def channels(self) -> int:
        """Of a sensor's sample; 0 where the model takes none."""
        if self.pipeline is None or self.pipeline.input.rows.name not in _SAMPLES:
            return 0
        return self.pipeline.report_bytes // (ITEM_BYTES if self.pipeline.is_of_numbers else 2)

    @property
    def takes_frames(self) -> bool:
        """Whether samples have more channels than the board has analog inputs: they come from elsewhere."""
        return self.channels > len(self.board.analog_inputs)

    @property
    def is_of_keyboard(self) -> bool:
        """Whether it takes the reports of a boot keyboard."""
        return self.pipeline is not None and self.pipeline.takes_boot_reports

    @property
    def has_counts(self) -> bool:
        """Whether a channel's count becomes what the model takes by a whole factor that an int32 holds."""
        decimals = self.pipeline.decimals if self.pipeline is not None else ()
        return all(0 <= one <= _MOST_DECIMALS for one in decimals)


def sketched(
    artefact: Artefact,
    name: str,
    pipeline: Pipeline | None,
    sources: Mapping[str, str],
    report: Mapping[str, Any],
) -> Sketched:
    """What is known of a library whose ``sources`` are made; ``report`` is export()'s."""
    sketch = artefact.sketch(name)
    input_type, elements = sketch.vector(artefact.vectors(1, 0))
    takes_an_array = "invoke" in sketch.functions and elements != ""
    header = sources[f"{name}.h"]
    return Sketched(
        name=name,
        board=artefact.options.board,
        pipeline=pipeline,
        input_type=input_type if takes_an_array else "",
        is_stream=artefact.is_stream,
        in_steps=f"{name}_stream.h" in sources,
        has_classes=f"{name}_classes.c" in sources,
        has_percent=f"{name}_HAS_PERCENT" in header,
        has_thresholds="thresholds" in report,
    )
