"""`zerotap text`: what was typed in a capture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.reporting import InputFile, say

if TYPE_CHECKING:
    from zerotap.features.text.typed_streams import TypedStream


@click.command("text")
@click.argument("file", type=InputFile())
@click.option(
    "--layout",
    default="us",
    show_default=True,
    metavar="NAME",
    help="Of the keyboard, by name or code: us, uk, german (or de), dvorak, french (fr), spanish (es), "
    "italian (it), portuguese (pt), swedish (se), finnish (fi), norwegian (no), danish (dk), "
    "swiss-german (ch), belgian (be), us-international (us-intl).",
)
@click.option(
    "--notation",
    type=click.Choice(["text", "plain", "raw"]),
    help="text (the default): every key, those without a character as <BS>, <Ctrl+c>; plain: what the "
    "models read, backspaces applied within a word and other keys left out; raw: as text, in the codes of "
    "the report, <4e>, <M01:c>.",
)
@click.option(
    "--edit",
    "edited",
    is_flag=True,
    help="Apply backspace, delete, the cursor keys, selecting, cutting and pasting as an editor would.",
)
@click.option(
    "--num-lock",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="Whether the keypad's digits are digits, or cursor keys.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every stream instead.")
def text(file: Path, layout: str, notation: str | None, edited: bool, num_lock: str, as_json: bool) -> None:
    """Print what was typed on every keyboard in FILE, a capture (pcap, pcapng) or a dataset's recording.

    FILE may be - for standard input. Mice and other devices are left out, and named on stderr; of several
    keyboards each has a heading there. Shift, caps lock and AltGr choose the character; an accent's dead key
    joins the letter after it. --edit shows the text that is left in the end, and names on stderr the keys
    that it did not apply.

    Reports with a report id, more keys than six, a bit for every key or Apple's Fn byte are read as the
    report descriptor in the capture says, or else by their shape; the devices behind a Logitech receiver are
    told apart. stderr says which, what else was assumed (num lock, caps lock), and whether releases are
    missing.

    \b
    Examples:
      zerotap text capture.pcapng --layout german
      zerotap text capture.pcapng --edit
    """
    from dataclasses import asdict

    from zerotap.features.text.typed_streams import typed_streams

    if edited and notation:
        raise click.UsageError("--edit shows the text that is left: leave out --notation")
    streams = typed_streams(file, notation or "text", layout, edited, num_lock == "on")
    if as_json:
        click.echo(json.dumps({"file": str(file), "streams": [asdict(stream) for stream in streams]}))
        return
    keyboards = sum(stream.text is not None for stream in streams)
    for stream in streams:
        _print(stream, heading=keyboards > 1)


def _print(stream: TypedStream, heading: bool) -> None:
    from collections import Counter

    if stream.text is None:
        say(f"left out {stream.name}: {stream.packets} packets, {stream.form or 'no keyboard'}", err=True)
        return
    if heading:
        say(f"keyboard {stream.name}:", err=True)
    for note in filter(None, (stream.form, *stream.notes)):
        say(f"{stream.name}: {note}", err=True)
    for line in stream.text.split("\n"):
        say(line)
    counts = Counter(stream.unapplied)
    if counts:
        keys = ", ".join(key if count == 1 else f"{key} ({count} times)" for key, count in counts.items())
        say(f"not applied: {keys}", err=True)
