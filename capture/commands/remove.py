"""The command that removes recordings from a dataset, and brings them back."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.reporting import json_option, next_step, print_report, quiet_option

if TYPE_CHECKING:
    from zerotap.capture.datasets.editing.removing import Removal


@click.command()
@click.argument("dataset", metavar="DATASET", type=click.Path(path_type=Path))
@click.argument("recordings", metavar="[RECORDING]...", nargs=-1)
@click.option("--label", help="Remove every recording of this class, and the class.")
@click.option("--undo", is_flag=True, help="Put back what was removed last.")
@json_option
@quiet_option
def remove(dataset: Path, recordings: tuple[str, ...], label: str | None, undo: bool, as_json: bool) -> None:
    """Move each RECORDING of DATASET, or a class, into the folder DATASET.trash beside it.

    RECORDING is a name as `zerotap label DATASET` lists them. A class that no recording is left of goes too.
    Nothing is deleted: --undo puts back what was removed last, again and again, and you may empty the trash
    yourself.

    \b
    Examples:
      zerotap remove moods take-2
      zerotap remove moods --label tense
      zerotap remove moods --undo
    """
    from zerotap.capture.datasets.editing import removing

    if sum((bool(recordings), label is not None, undo)) != 1:
        raise click.UsageError("give recordings, --label or --undo: one of them")
    done = removing.undo_removal(dataset) if undo else removing.remove(dataset, recordings, label)
    report = {
        "recordings": [str(path) for path in done.recordings],
        "classes": list(done.classes),
        "trash": str(done.trash),
        "undone": undo,
    }
    print_report(report, _said(done, undo), as_json)
    name = shlex.quote(str(dataset))
    next_step(f"zerotap info {name}" if undo else f"zerotap remove {name} --undo")


def _said(done: Removal, undo: bool) -> str:
    count = len(done.recordings)
    what = f"{count} recording{'' if count == 1 else 's'}"
    classes = f", class{'' if len(done.classes) == 1 else 'es'} {', '.join(done.classes)}"
    return f"{what}{classes if done.classes else ''} {'back from' if undo else 'moved to'} {done.trash}"
