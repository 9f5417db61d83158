"""The command that imports: files in, what they came to out; what only a person knows is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.contents import is_stream
from zerotap.errors import UnknownTimeError
from zerotap.reporting import InputFile, Number, json_option, next_step, print_report, progress, quiet_option

from .asking import asked_stream, asked_time, can_ask
from .next_commands import after_recording

if TYPE_CHECKING:
    from zerotap.capture.imports.import_summary import Imported


@click.command("import")
@click.argument("files", metavar="FILES...", type=InputFile(), nargs=-1, required=True)
@click.option("--dataset", "folder", metavar="DIR", required=True, type=click.Path(path_type=Path))
@click.option("--label", help="The class of all of it.")
@click.option(
    "--label-from",
    metavar="name|folder|column:NAME",
    help="Where the class stands: idle_3.csv is of class idle; the folder's name; or a column of numbers.",
)
@click.option(
    "--split-from", metavar="folder|column:NAME", help="Which side a file is on: the folder train or test."
)
@click.option(
    "--group-from",
    metavar="name|file|folder|column:NAME",
    help="Who recorded it: anna_3.csv is anna's; each file by itself; the folder's name; or a column.",
)
@click.option("--device", metavar="BUS.ADDR[.EP[in|out]]", help="Of a capture: which stream, or VID:PID.")
@click.option(
    "--time-unit",
    type=click.Choice(["s", "ms", "us", "ns"]),
    help="Of numbers: the time's unit, where its column does not tell.",
)
@click.option(
    "--rate-hz",
    type=Number(min=1e-6, max=1e9),
    metavar="HZ",
    help="Of numbers: samples a second, where there is no time, or in place of it.",
)
@json_option
@quiet_option
def import_(
    files: tuple[Path, ...],
    folder: Path,
    label: str | None,
    label_from: str | None,
    split_from: str | None,
    group_from: str | None,
    device: str | None,
    time_unit: str | None,
    rate_hz: float | None,
    as_json: bool,
) -> None:
    """Import captures of other programs and files of numbers into the dataset DIR, made where none is.

    FILES are files, in gzip, zstd or not, patterns in quotes, and folders with all below; or - for standard
    input. A capture is pcapng or pcap, captured by Linux (usbmon), Windows (USBPcap), macOS or a hardware
    analyser; or the text of usbmon, hid-recorder or usbhid-dump. Where it holds several streams, --device
    chooses; `zerotap info FILE` lists them.

    Numbers are CSV (commas, semicolons, tabs or spaces; with names or without; decimal commas), Edge Impulse
    JSON, JSON lines, NumPy .npy, and name:value lines of Arduino's serial monitor. A column named timestamp,
    time, time_s, millis, micros or the like is the time (milliseconds, where nothing tells), ISO 8601 too;
    without one say --rate-hz. Columns of text are left out.

    With --split-from or --group-from `zerotap train` keeps to the sides that the files came with, or to
    groups that are never on both sides; `zerotap split DIR` shows it.

    \b
    Examples:
      zerotap import login.pcapng --label login --dataset work --device 1.23
      zerotap import moves/*.csv --label-from name --dataset moves
      zerotap import log.csv --label-from column:activity --rate-hz 50 --dataset day
      zerotap import data/ --label-from folder --split-from folder --dataset gait
    """
    from zerotap.capture.imports.place_rules import GROUP_RULES, SIDE_RULES, is_place_rule

    if (label is None) == (label_from is None):
        raise click.UsageError("give one of --label L and --label-from name, folder or column:NAME")
    if label_from is not None and not _is_rule(label_from):
        raise click.UsageError(f"--label-from {label_from}: choose name, folder or column:NAME")
    for option, given, known in (
        ("--split-from", split_from, SIDE_RULES),
        ("--group-from", group_from, GROUP_RULES),
    ):
        if given is not None and not is_place_rule(given, known):
            raise click.UsageError(f"{option} {given}: choose one of {', '.join(known)}")
    if device is None and len(files) == 1:
        device = asked_stream(files[0])
    rules = {"label": label, "label_from": label_from, "split_from": split_from, "group_from": group_from}
    done = _imported(files, folder, rules, device, time_unit, rate_hz)
    print_report(done.to_json(), done.lines(), as_json)
    next_step(after_recording(folder, "import FILE"))


def _is_rule(text: str) -> bool:
    return text in ("name", "folder") or bool(text.startswith("column:") and text[7:].strip())


def _imported(
    files: tuple[Path, ...],
    folder: Path,
    rules: dict[str, str | None],
    device: str | None,
    time_unit: str | None,
    rate_hz: float | None,
) -> Imported:
    """Import, and again with what was answered: each question once."""
    from zerotap.capture.imports.import_files import import_files

    while True:
        try:
            with progress() as report:
                return import_files(
                    files,
                    folder,
                    label=rules["label"],
                    label_from=rules["label_from"],
                    split_from=rules["split_from"],
                    group_from=rules["group_from"],
                    device=device,
                    time_unit=time_unit,
                    rate_hz=rate_hz,
                    on_progress=report,
                )
        except UnknownTimeError as fault:
            # What came out of a pipe is gone: it cannot be read again with the answer.
            if not can_ask() or rate_hz is not None or any(map(is_stream, files)):
                raise
            asked_unit, rate_hz = asked_time(fault)
            time_unit = asked_unit or time_unit
