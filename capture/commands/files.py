"""The commands of capture/: arguments in, one call, a report out."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerotap.reporting import (
    InputFile,
    cell,
    columns,
    json_option,
    next_step,
    print_report,
    progress,
    quiet_option,
    wrapped,
)

from .asking import asked_stream
from .next_commands import after_convert, after_info, after_recording

if TYPE_CHECKING:
    from zerotap.capture.packet import LabelSpan


@click.command("type")
@click.argument("messages_csv", metavar="MESSAGES.csv", type=InputFile())
@click.option(
    "--dataset", "folder", metavar="DIR", required=True, type=click.Path(path_type=Path), help="New folder."
)
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Of dwell and flight times."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Type only the first N messages.")
@click.option(
    "--layout", default="us", show_default=True, metavar="NAME", help="Of the keyboard: german, french, ..."
)
@click.option("--text-column", default="text", show_default=True, metavar="NAME", help="Of what is typed.")
@click.option(
    "--label-columns", metavar="NAME,NAME,...", help="Of 0 and 1, in place of label: toxic+insult has both."
)
@click.option("--split-column", metavar="NAME", help="Of the side: train, test or dev.")
@click.option("--group-column", metavar="NAME", help="Of who wrote it, or where: never on both sides.")
@json_option
@quiet_option
def type_command(
    messages_csv: Path,
    folder: Path,
    seed: int,
    limit: int | None,
    layout: str,
    text_column: str,
    label_columns: str | None,
    split_column: str | None,
    group_column: str | None,
    as_json: bool,
) -> None:
    """Type the messages of a CSV file on a virtual USB keyboard and record them into a new dataset.

    MESSAGES.csv (- is standard input) is UTF-8 and has the columns label and text; each message becomes one
    recording. Timing is from a seeded model that never sees the label; the dataset is marked synthetic.
    Characters without a key on the layout are folded (é to e) or dropped, and counted; dead keys and AltGr
    are used. --layout takes the names and codes that `zerotap text` does (docs: Keyboard layouts). DIR must
    be new or empty: nothing recorded is overwritten.

    With --label-columns a text may have several labels: its class is their names joined by +, or none. With
    --split-column or --group-column `zerotap train` keeps to those sides, or to groups that are never on
    both; `zerotap split DIR` shows it.

    \b
    Examples:
      zerotap type sms.csv --dataset sms --limit 1000
      zerotap type comments.csv --dataset comments --label-columns toxic,insult --split-column split
      zerotap type lettres.csv --dataset lettres --layout fr
    """
    from zerotap.capture.datasets.messages import MessageColumns, read_messages
    from zerotap.capture.datasets.typed_corpus import record_corpus
    from zerotap.writing import check_apart, check_new_folder

    check_apart(folder, {"file of messages": messages_csv})
    labels = tuple(name.strip() for name in label_columns.split(",")) if label_columns is not None else ()
    columns = MessageColumns(text_column, labels=labels, side=split_column, group=group_column)
    messages = read_messages(messages_csv, limit, columns)
    check_new_folder(folder)
    with progress() as report:
        typed = record_corpus(messages, folder, seed=seed, layout=layout, on_progress=report)
    print_report(typed.to_json(), typed.lines(), as_json)
    next_step(after_recording(folder, "import FILE"))


@click.command()
@click.argument("source", metavar="IN", type=InputFile())
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--device", metavar="BUS.ADDR[.EP[in|out]]", help="Which stream, or VID:PID.")
@click.option(
    "--labels", "with_labels", is_flag=True, help="Write IN's labels as comments on packets (.pcapng)."
)
@click.option("--array", metavar="NAME", help="Of a model: which array of IN, or what it is called in OUT.")
@json_option
@quiet_option
def convert(
    source: Path, target: Path, device: str | None, with_labels: bool, array: str | None, as_json: bool
) -> None:
    """Write one stream of IN, or the model in IN, as OUT, a new file; its suffix says in which format.

    .pcapng and .pcap keep times, payloads and failed transfers; .csv is the samples of a sensor on a serial
    port, or else each packet in hexadecimal; .json is Edge Impulse's acquisition format, whose samples have
    one interval. IN is then a capture (- on standard input), or .csv.

    .tflite, .h, .c, .cc and other suffixes of C are a model's: IN is a .tflite of any kind, or C source that
    holds one as an array. C gets it as `const unsigned char NAME[]`, aligned to 16 bytes, and NAME_len.

    \b
    Examples:
      zerotap convert walk.pcapng walk.json
      zerotap convert moods/recordings/take.pcapng take.pcapng --labels
      zerotap convert model.h model.tflite
    """
    if _is_model(source, target):
        if device or with_labels:
            raise click.UsageError("--device and --labels are for captures, not for a model")
        _convert_model(source, target, array, as_json)
        return
    if array:
        raise click.UsageError("--array is for a model, not for a capture")
    from zerotap.capture.datasets.converting import convert

    device = device or asked_stream(source)
    written = convert(source, target, device, with_labels)
    report = {"path": str(target), "stream": written.name, "packets": len(written)}
    print_report(report, f"{target}: {len(written)} packets of {written.name}", as_json)
    next_step(after_convert(target))


def _holds_model(path: Path) -> bool:
    from zerotap.firmware import holds_model

    return path.is_file() and holds_model(path)


def _is_model(source: Path, target: Path) -> bool:
    """Whether a model is to be written, or read: a pipe, which can be read once, is not looked into."""
    from zerotap.firmware import MODEL_SUFFIXES

    return target.suffix.lower() in MODEL_SUFFIXES or _holds_model(source)


def _convert_model(source: Path, target: Path, array: str | None, as_json: bool) -> None:
    from zerotap.firmware import convert_model

    name, content = convert_model(source, target, array)
    report = {"path": str(target), "array": name, "bytes": len(content)}
    print_report(report, f"{target}: a .tflite of {len(content):,} bytes", as_json)
    next_step(f"zerotap info {shlex.quote(str(target))}")


@click.command()
@click.argument("path", metavar="DATASET_OR_FILE", type=click.Path(path_type=Path))
@click.option("--add", nargs=3, type=(float, float, str), metavar="START END LABEL", help="Label a span.")
@click.option("--point", nargs=2, type=(float, str), metavar="T LABEL", help="Label a moment.")
@click.option("--remove", type=int, metavar="N", help="Remove the label of that number.")
@json_option
@quiet_option
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
    from zerotap.capture.datasets.editing.label_editing import add_label, labels_of, remove_label
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
    print_report(_labels_report(path, labels), _labels_shown(path, labels), as_json)
    next_step(f"zerotap info {shlex.quote(str(path))}")


def _labels_report(path: Path, labels: dict[Path, tuple[LabelSpan, ...]]) -> dict[str, Any]:
    """Give plain values; JSON has no infinity: null is the end of the recording."""
    rows = [
        {"recording": str(file), **row, "end_s": None if row["end_s"] == float("inf") else row["end_s"]}
        for file, spans in labels.items()
        for row in _rows(spans)
    ]
    return {"path": str(path), "labels": rows}


def _labels_shown(path: Path, labels: dict[Path, tuple[LabelSpan, ...]]) -> list[str]:
    shown = [line for file, spans in labels.items() if spans for line in (f"{file}:", *columns(_rows(spans)))]
    return shown or [f"{path}: no labels"]


def _rows(spans: tuple[LabelSpan, ...]) -> list[dict[str, Any]]:
    return [{"number": number, **asdict(span)} for number, span in enumerate(spans, 1)]


@click.command()
@click.argument("path", metavar="PATH", type=InputFile())
@click.option("--text", is_flag=True, help="Of a dataset: the words that its keyboards type.")
@click.option("--array", metavar="NAME", help="Which array, where C source holds several models.")
@json_option
@quiet_option
def info(path: Path, text: bool, array: str | None, as_json: bool) -> None:
    """Say what PATH holds: a capture (- on standard input), a dataset, a model's folder or a .tflite file.

    C source that holds a .tflite as an array of bytes is such a file too.

    With --text: the vocabulary of a dataset, the share of words that a board has to cut, and the share that
    collides in hash tables of 256 to 65,536 buckets.

    \b
    Examples:
      zerotap info moods
      zerotap info moods --text
    """
    if array and (text or path.is_dir()):
        raise click.UsageError("--array is for C source that holds a model")
    report = _describe_text(path) if text else _describe(path, array)
    shown = {**report, "layers": len(report["layers"])} if "layers" in report else report
    print_report(report, _shown(shown), as_json)
    following = f"zerotap info {shlex.quote(str(path))}" if text else after_info(report["type"], path)
    next_step(f"{following} --array {array}" if array else following)


def _shown(report: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for key, value in report.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"{key}:", *columns([_hexadecimal(row) for row in value])]
        elif value not in ("", [], {}, None):
            said = _SAID.get(key, cell)(value)
            lines += wrapped(f"{key}: {said}", "  ")
    return lines


def _hexadecimal(row: dict[str, Any]) -> dict[str, Any]:
    """Write an endpoint as every other command does, 0x83."""
    return {**row, "endpoint": f"{row['endpoint']:#04x}"} if "endpoint" in row else row


def _identity(device: dict[str, Any]) -> str:
    """Write a device as `zerotap devices` names it: VID:PID, then what it calls itself.

    Files of numbers, and captures that began after it was plugged in, do not say which device it was.
    """
    names = (device[key] for key in ("manufacturer", "product", "serial"))
    vendor_id, product_id = device["vendor_id"], device["product_id"]
    known = f"{vendor_id:04x}:{product_id:04x}" if (vendor_id, product_id) != (0, 0) else "unknown"
    return " ".join([known, *filter(None, names)])


def _rule(split: dict[str, Any]) -> str:
    """Write the rule that divides a dataset; `zerotap split` shows what comes of it."""
    from zerotap.capture.datasets.splits.rule import COLUMN, DIVIDED_BY

    share = "" if split["by"] == COLUMN else f", {split['test_fraction']:.0%} to test"
    return f"by {DIVIDED_BY[split['by']]}{share}"


_SAID: Mapping[str, Callable[[Any], str]] = {"device": _identity, "split": _rule}


def _describe_text(path: Path) -> dict[str, Any]:
    from zerotap.features import describe_text

    return describe_text(path)


def _describe(path: Path, array: str | None) -> dict[str, Any]:
    if any((path / name).exists() for name in ("pipeline.toml", "model.toml")):
        from zerotap.models import describe_model

        return {"type": "model", **describe_model(path)}
    if array or path.suffix == ".tflite" or _holds_model(path):
        from zerotap.firmware import CArray, analyse, plan, read_tflite

        return {"type": "tflite", **analyse(plan(read_tflite(CArray(path, array) if array else path)))}
    from zerotap.capture.datasets.description import describe

    return describe(path)
