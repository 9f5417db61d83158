"""The commands of capture/: arguments in, one call, a report out."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click


@click.command("type")
@click.argument("messages_csv", metavar="MESSAGES.csv", type=click.Path(path_type=Path))
@click.option(
    "--dataset", "folder", metavar="DIR", required=True, type=click.Path(path_type=Path), help="New folder."
)
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Of dwell and flight times."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Type only the first N messages.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def type_command(messages_csv: Path, folder: Path, seed: int, limit: int | None, as_json: bool) -> None:
    """Type the messages of a CSV file on a virtual USB keyboard and record them into a new dataset.

    MESSAGES.csv is UTF-8 and has the columns label and text; each message becomes one recording. Timing is
    from a seeded model that never sees the label; the dataset is marked synthetic. Characters without a key
    on the US layout are folded (é to e) or dropped, and counted. DIR must be new or empty: nothing recorded
    is overwritten.

    \b
    Example:
      zerotap type sms.csv --dataset sms --limit 1000
    """
    from rich.console import Console
    from rich.progress import Progress

    from zerotap.capture.datasets.messages import read_messages
    from zerotap.capture.datasets.typed_corpus import record_corpus

    messages = read_messages(messages_csv, limit)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("typing", total=len(messages))
        typed = record_corpus(
            messages,
            folder,
            seed=seed,
            on_progress=lambda done, _total: progress.update(task, completed=done),
        )
    click.echo(json.dumps(typed.to_json()) if as_json else str(typed))


@click.command("import")
@click.argument("capture", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--label", required=True, help="The class that the packets belong to.")
@click.option("--dataset", "folder", metavar="DIR", required=True, type=click.Path(path_type=Path))
@click.option("--device", metavar="BUS.ADDR[.EP]", help="Which stream, or VID:PID.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def import_(capture: Path, label: str, folder: Path, device: str | None, as_json: bool) -> None:
    """Import another program's USB capture into the dataset DIR, which is made where there is none.

    FILE is pcapng or pcap, gzip or not, captured by Linux (usbmon), Windows (USBPcap) or macOS; or a .csv of
    sensor data, its first column the timestamp in milliseconds and a column a channel. Times and payloads
    stay as they were. Where it holds several streams, --device chooses; `zerotap info FILE` lists them.

    \b
    Example:
      zerotap import login.pcapng --label login --dataset work --device 1.23
    """
    from zerotap.capture.datasets.importing import import_capture

    device = device or _asked_stream(capture)
    paths = [str(path) for path in import_capture(capture, label, folder, device)]
    if as_json:
        click.echo(json.dumps({"label": label, "recordings": paths}))
    else:
        click.echo("\n".join(f"{label}: {path}" for path in paths))


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--device", metavar="BUS.ADDR[.EP]", help="Which stream, or VID:PID.")
@click.option(
    "--labels", "with_labels", is_flag=True, help="Write IN's labels as comments on packets (.pcapng)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def convert(source: Path, target: Path, device: str | None, with_labels: bool, as_json: bool) -> None:
    """Write one stream of IN as OUT, a new file; the suffix of OUT says of which kind.

    .pcapng and .pcap keep times, payloads and failed transfers; .csv is the samples of a sensor on a serial
    port, or else each packet in hexadecimal; .json is Edge Impulse's acquisition format, whose samples have
    one interval. IN is a capture, or .csv.

    \b
    Examples:
      zerotap convert walk.pcapng walk.json
      zerotap convert moods/recordings/take.pcapng take.pcapng --labels
    """
    from zerotap.capture.datasets.converting import convert

    device = device or _asked_stream(source)
    written = convert(source, target, device, with_labels)
    report = {"path": str(target), "stream": written.name, "packets": len(written)}
    click.echo(json.dumps(report) if as_json else f"{target}: {len(written)} packets of {written.name}")


@click.command()
@click.argument("path", metavar="DATASET_OR_FILE", type=click.Path(path_type=Path))
@click.option("--add", nargs=3, type=(float, float, str), metavar="START END LABEL", help="Label a span.")
@click.option("--point", nargs=2, type=(float, str), metavar="T LABEL", help="Label a moment.")
@click.option("--remove", type=int, metavar="N", help="Remove the label of that number.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def label(
    path: Path,
    add: tuple[float, float, str] | None,
    point: tuple[float, str] | None,
    remove: int | None,
    as_json: bool,
) -> None:
    """List the labels of a recording, or of each recording of a dataset; change those of one recording.

    Times are seconds from the recording's first packet; inf is its end. A new span takes the place of what
    was labelled there. Only the file NAME.labels.csv beside the recording changes, never the recording; you
    may edit it yourself too.

    \b
    Examples:
      zerotap label moods
      zerotap label moods/recordings/take.pcapng --add 2.5 inf tense
      zerotap label moods/recordings/take.pcapng --point 4 sneeze
    """
    from zerotap.capture.datasets.label_editing import add_label, labels_of, remove_label
    from zerotap.capture.packet import LabelSpan

    if sum(choice is not None for choice in (add, point, remove)) > 1:
        raise click.UsageError("give one of --add, --point and --remove at a time")
    if add:
        labels = {path: add_label(path, LabelSpan(*add))}
    elif point:
        labels = {path: add_label(path, LabelSpan(point[0], *point))}
    elif remove is not None:
        labels = {path: remove_label(path, remove)}
    else:
        labels = labels_of(path)
    rows = [
        {"recording": str(file), "number": number, **asdict(span)}
        for file, spans in labels.items()
        for number, span in enumerate(spans, 1)
    ]
    if as_json:
        # JSON has no infinity: null is the end of the recording.
        rows = [{**row, "end_s": None if row["end_s"] == float("inf") else row["end_s"]} for row in rows]
        click.echo(json.dumps({"path": str(path), "labels": rows}))
    else:
        click.echo(_table(rows) if rows else f"{path}: no labels")


@click.command()
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@click.option("--text", is_flag=True, help="Of a dataset: the words that its keyboards type.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def info(path: Path, text: bool, as_json: bool) -> None:
    """Say what PATH holds: a capture, a dataset, a trained model's folder or a .tflite file.

    With --text: the vocabulary of a dataset, the share of words that a board has to cut, and the share that
    collides in hash tables of 256 to 65,536 buckets.

    \b
    Examples:
      zerotap info moods
      zerotap info moods --text
    """
    report = _describe_text(path) if text else _describe(path)
    if as_json:
        click.echo(json.dumps(report))
        return
    for key, value in report.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            click.echo(f"{key}:\n{_table(value)}")
        elif value not in ("", [], {}, None):
            click.echo(f"{key}: {_cell(value)}")


def _asked_stream(path: Path) -> str | None:
    """Ask which stream of the file ``path``; None where nobody can answer or there is one to choose."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    from zerotap.capture.datasets.importing import read_streams, summary_of

    streams = read_streams(path)
    if len(streams) < 2:
        return None
    for stream in streams:
        click.echo(f"  {summary_of(stream)}", err=True)
    names = click.Choice([stream.name for stream in streams])
    return str(click.prompt("Which stream", type=names, show_choices=False, err=True))


def _describe_text(path: Path) -> dict[str, Any]:
    from zerotap.features.text.vocabulary import describe_text

    return describe_text(path)


def _describe(path: Path) -> dict[str, Any]:
    if path.is_dir() and (path / "pipeline.toml").exists():
        from zerotap.models import describe_model

        return describe_model(path)
    if path.suffix == ".tflite":
        from zerotap.firmware import analyse, plan, read_tflite

        return analyse(plan(read_tflite(path)))
    from zerotap.capture.datasets.description import describe_capture, describe_dataset

    return describe_dataset(path) if path.is_dir() else describe_capture(path)


def _table(rows: list[dict[str, Any]]) -> str:
    """Lay out rows that have the same keys, under those keys, in columns of equal width."""
    cells = [
        [str(key) for key in rows[0]],
        *([_short(_cell(value)) for value in row.values()] for row in rows),
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)
    return "\n".join(f"  {line}" for line in lines)


def _short(text: str) -> str:
    return text if len(text) <= 48 else f"{text[:47]}…"


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}:{item}" for key, item in value.items() if item != "")
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"{value:.3f}" if isinstance(value, float) else str(value)
