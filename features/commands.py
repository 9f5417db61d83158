"""The commands of features/: arguments in, one call, a report out."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("text")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--notation",
    type=click.Choice(["plain", "raw"]),
    default="plain",
    show_default=True,
    help="plain: the text, backspaces applied; raw: every key, those without a character as <BS>, <4e>.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every stream instead.")
def text(file: Path, notation: str, as_json: bool) -> None:
    """Print what was typed on every keyboard in FILE, a capture (pcap, pcapng) or a dataset's recording.

    Mice and other devices are left out, and named on stderr. Keys are read as a US layout.

    \b
    Example:
      zerotap text capture.pcapng --notation raw
    """
    from dataclasses import asdict

    from zerotap.features.typed import typed_streams

    streams = typed_streams(file, notation)
    if as_json:
        click.echo(json.dumps({"file": str(file), "streams": [asdict(stream) for stream in streams]}))
        return
    keyboards = [stream for stream in streams if stream.text is not None]
    for stream in streams:
        if stream.text is None:
            click.echo(f"left out {stream.name}: {stream.packets} packets, no keyboard", err=True)
    for stream in keyboards:
        if len(keyboards) > 1:
            click.echo(f"keyboard {stream.name}:", err=True)
        click.echo(stream.text)
