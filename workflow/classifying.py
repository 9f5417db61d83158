"""Live: what a trained model says of a device's packets, by the board's C here, or by a board."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.capture import (
    ReplaySource,
    Stop,
    find_source,
    keyboard_warning,
    stopped_by_signals,
    watch_source,
)
from zerotap.errors import CaptureError
from zerotap.features import as_boot_reports
from zerotap.firmware import DEFAULTS, BuildOptions

from .answers import Answer
from .board_lines import BoardLines
from .live import Live, Speaker

if TYPE_CHECKING:
    from zerotap.capture import DeviceOptions

IDLE_S: Final = 2.0
"""So long without a packet ends a text."""
BOARD: Final = "board:"


@dataclass(frozen=True, slots=True)
class Classified:
    """What came in all: ``packets``, and ``answers`` to them.

    ``problem``: where it was stopped and nothing that the model takes had come, what did; "" without.
    """

    packets: int
    answers: int
    problem: str = ""


def classify(
    model: str | Path,
    device: str,
    on_answer: Callable[[Answer], object],
    *,
    seconds: float | None = None,
    idle_s: float = IDLE_S,
    device_options: DeviceOptions | None = None,
    takes_only_keyboard: bool = False,
    options: BuildOptions = DEFAULTS,
    stop: Stop | None = None,
) -> Classified:
    """Classify what ``device`` sends until it ends, ``seconds`` have gone or the kernel is interrupted.

    ``model``: a model's folder with its pipeline and, of a network, its model.tflite. ``device`` is as for
    ``capture.record``: VID:PID, "serial:PORT", "virtual:sensor", "replay:FILE"; or "board:PORT", a board that
    classifies by itself (the library's Classify or KeyboardHost), whose lines are read. ``on_answer`` is
    called with each answer. Return ends a text that is typed, and so does ``idle_s`` without a packet (0:
    never). The scores are those of the exported C, compiled for this machine.

    Raises ModelError, FeatureError, ToolchainError for a model that cannot be run here, and CaptureError for
    a device that is not there, is this machine's only keyboard without ``takes_only_keyboard``, was
    unplugged, or sends nothing that the model takes.
    """
    if device.startswith(BOARD):
        return _of_board(model, device, on_answer, seconds, device_options, stop)
    speaker = Speaker.of(model, options)
    source = find_source(device, device_options)
    keyboard_warning(source, takes_only_keyboard)
    if isinstance(source, ReplaySource) and speaker.pipeline.takes_boot_reports:
        (source.recording,) = as_boot_reports([source.recording])
    live = Live(speaker, source, on_answer, idle_s)
    with _stopped(stop) as stopping:
        watch_source(source, live, stopping, seconds)
    live.end()
    problem = ""
    if live.packets and not live.items:
        pipeline = speaker.pipeline
        problem = (
            f"{device}: none of its {live.packets} packets holds {pipeline.source} "
            f"of {pipeline.report_bytes} bytes, which {model} takes: choose such a device as trained it"
        )
    return _ended(Classified(live.packets, live.answers, problem), stopping)


def _of_board(
    model: str | Path,
    device: str,
    on_answer: Callable[[Answer], object],
    seconds: float | None,
    device_options: DeviceOptions | None,
    stop: Stop | None,
) -> Classified:
    lines = BoardLines.of(model, on_answer)
    source = find_source(f"serial:{device.removeprefix(BOARD)}", device_options)
    with _stopped(stop) as stopping:
        watch_source(source, lines, stopping, seconds)
    problem = ""
    if lines.lines and not lines.answers:
        problem = (
            f"{device}: none of its {lines.lines} lines names a class of {model}: flash Classify "
            "or KeyboardHost of the library that was exported from it"
        )
    return _ended(Classified(lines.packets, lines.answers, problem), stopping)


def _ended(done: Classified, stopping: Stop) -> Classified:
    """What came; who stopped it may have done so before it could come."""
    if done.problem and not stopping.requested:
        raise CaptureError(done.problem)
    return done


@contextmanager
def _stopped(stop: Stop | None) -> Iterator[Stop]:
    """The caller's stop, or one that a notebook's interrupt asks for."""
    if stop is not None:
        yield stop
        return
    with stopped_by_signals(ends_program=False, holds_device=True) as made:
        yield made
