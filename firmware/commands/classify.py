"""`zerotap classify`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from zerotap.capture.commands.options import device_options
from zerotap.firmware.options import BuildOptions
from zerotap.reporting import Number, is_quiet, quiet_option, say

from .options import MODEL, oracle_option

if TYPE_CHECKING:
    from zerotap.firmware.graph import OracleKind
    from zerotap.workflow import Answer

_SHOWN_S: Final = 0.1


@click.command(short_help="Say what a model makes of packets as they come.")
@click.argument("model", type=MODEL)
@click.argument("source", metavar="DEVICE|board:PORT")
@click.option("--seconds", type=Number(min=0, min_open=True), help="Stop after so long.")
@click.option(
    "--idle",
    "idle_s",
    type=Number(min=0),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="A text ends after so long without a key, and where return is pressed; 0: only there.",
)
@device_options
@click.option("--yes", is_flag=True, help="Take even the only keyboard of this machine.")
@oracle_option
@click.option("--json", "as_json", is_flag=True, help="Print each answer as a line of JSON.")
@quiet_option
def classify(
    model: Path,
    source: str,
    seconds: float | None,
    idle_s: float,
    endpoint: int | None,
    report_protocol: bool,
    baud: int | None,
    reset: bool | None,
    yes: bool,
    oracle: OracleKind,
    as_json: bool,
) -> None:
    """Say what a model makes of packets as they come: class, how sure, packets a second, delay.

    MODEL is a model's folder, of a network with its model.tflite. DEVICE is as for `zerotap record`:
    VID:PID, serial:PORT, virtual:sensor, or replay:FILE, which sends a recording at its own pace. The scores
    are those of the board: the exported C is compiled for this machine. What is typed is neither shown nor
    kept. Ctrl-C ends it. With board:PORT a board classifies by itself, and its lines are read.

    A model of texts answers where return is pressed or nothing comes for a while, others as windows are
    complete. Where stdout is a terminal, answers of the same class that come faster than ten a second are
    left out.

    \b
    Examples:
      zerotap classify conv virtual:keyboard --seconds 10
      zerotap classify walk serial:/dev/ttyACM0@115200 --json
      zerotap classify mood replay:moods/recordings/message-000001.pcapng
    """
    from zerotap.capture import DeviceOptions, stopped_by_signals
    from zerotap.workflow import classify as run

    shown = Shown(as_json, sys.stdout.isatty())
    with stopped_by_signals(holds_device=True) as stop:
        done = run(
            model,
            source,
            shown,
            seconds=seconds,
            idle_s=idle_s,
            device_options=DeviceOptions(endpoint, report_protocol, baud, reset),
            takes_only_keyboard=yes,
            options=BuildOptions(oracle=oracle),
            stop=stop,
        )
    if done.problem:
        say(done.problem, err=True)
    if not is_quiet():
        say(f"answers: {done.answers:,}, packets: {done.packets:,}", err=True)


class Shown:
    """Prints answers, one a line; on a terminal no faster than a person reads, but every change."""

    def __init__(self, as_json: bool, is_terminal: bool) -> None:
        self._as_json, self._is_sparing = as_json, is_terminal and not as_json
        self._label: str | None = None
        self._shown_s = 0.0

    def __call__(self, answer: Answer) -> None:
        """Print one, at once."""
        if self._as_json:
            click.echo(json.dumps(answer.to_json()))
            return
        is_due = time.monotonic() - self._shown_s >= _SHOWN_S
        if is_due or not self._is_sparing or answer.label != self._label:
            self._label, self._shown_s = answer.label, time.monotonic()
            say(answer_line(answer))


def answer_line(answer: Answer) -> str:
    """One answer for a person: when, what, how sure, packets a second, delay."""
    sure = answer.percent
    if isinstance(sure, dict):
        said = ", ".join(f"{label} {percent} %" for label, percent in sure.items())
    else:
        said = "" if sure is None else f"{sure:3d} %"
    delay = "" if answer.latency_ms is None else f"{answer.latency_ms:7.1f} ms"
    return (
        f"{answer.time_s:10.3f} s  {answer.label:<16}  {said:>5}  {answer.rate_hz:6.0f}/s  {delay}".rstrip()
    )
