"""Every input by the name that a pipeline's TOML gives it as ``source``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.errors import FeatureError

from .frames import Frames, channels_in, stream_of
from .interface import Input, Rows
from .packet_rows import most_common_length
from .reports import Reports
from .samples import Samples
from .sensor_numbers import ITEM_BYTES, Numbers

if TYPE_CHECKING:
    from zerotap.capture import Recording

_ROWS: Final[tuple[Rows, ...]] = (Reports(), Samples(), Frames(), Numbers())
INPUTS: Final[dict[str, Input]] = {
    one.name: one for rows in _ROWS for one in (Input(rows), Input(rows, is_timed=True))
}


def input_named(name: str) -> Input:
    """Look an input up; raises FeatureError, which lists the known ones."""
    if name not in INPUTS:
        raise FeatureError(f"source {name!r} is unknown: choose one of {', '.join(INPUTS)}")
    return INPUTS[name]


def input_of(recording: Recording) -> tuple[Input, int] | None:
    """The input that ``recording`` is meant for, and the bytes of a row; None where it holds no packet.

    Binary frames are recognised, and from a serial port lines of numbers; any other packets are reports, of
    the length that most have.
    """
    channels = channels_in(recording)
    if channels is not None:
        return INPUTS["frames"], 2 * channels
    stream = stream_of(recording, "auto") if recording.transfer == "bulk" else None
    if stream is not None:
        return INPUTS["numbers"], ITEM_BYTES * stream.values.shape[1]
    length = most_common_length(recording)
    return None if length is None else (INPUTS["reports"], length)
