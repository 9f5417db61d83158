"""The command that shows how a dataset is divided into training and test, and chooses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zerotap.reporting import (
    Number,
    columns,
    json_option,
    next_step,
    print_report,
    progress,
    quiet_option,
    wrapped,
)

from .next_commands import after_dataset

MOST_GROUPS = 20


@click.command()
@click.argument("dataset", metavar="DATASET", type=click.Path(path_type=Path))
@click.option("--by", type=click.Choice(["hash", "column", "groups", "time"]), help="The rule, see below.")
@click.option(
    "--test-fraction",
    type=Number(min=0, max=1, min_open=True, max_open=True),
    metavar="SHARE",
    help="Of recordings that test: 0.2 unless chosen; not by column.",
)
@click.option(
    "--set",
    "side_file",
    metavar="SIDES.csv",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The side, the group, or both of each recording.",
)
@click.option(
    "--group-from",
    type=click.Choice(["name", "device"]),
    help="Who or what recorded it: by name anna-3 is of the group anna; or each device is one.",
)
@json_option
@quiet_option
def split(
    dataset: Path,
    by: str | None,
    test_fraction: float | None,
    side_file: Path | None,
    group_from: str | None,
    as_json: bool,
) -> None:
    """Show which recordings of DATASET train and which test, and choose how that is decided.

    hash, the default: ordered by the hash of their content, so that equal content is never on both sides.
    groups: what one person, or one session, recorded is on one side; a recording without a group is one by
    itself. time: the last recordings of each class, or of each group, test. column: the sides that `type
    --split-column`, `import --split-from` or --set gave; a recording without one trains.

    SIDES.csv has the columns recording, and side (train or test), group or both. Nothing is chosen where a
    class would not be on both sides. What was chosen holds for training, evaluating and comparing.

    \b
    Examples:
      zerotap split moods
      zerotap split moods --by time
      zerotap split gait --group-from name --test-fraction 0.25
      zerotap split messages --set sides.csv
    """
    from zerotap.capture.datasets.editing.split_report import choose_split
    from zerotap.capture.datasets.splits.choosing import SplitChoice
    from zerotap.capture.datasets.splits.places import read_side_file

    if side_file is not None and group_from is not None:
        raise click.UsageError("--set and --group-from both say groups: give one of them")
    said = read_side_file(side_file) if side_file else None
    choice = SplitChoice.of(said, by, test_fraction)
    with progress() as on_progress:
        on_progress("reading recordings", 0, 0)
        report = choose_split(dataset, choice, group_from=group_from)
        content = report.to_json()
    print_report(content, _lines(content), as_json)
    next_step(after_dataset(dataset))


def _lines(content: dict[str, Any]) -> list[str]:
    lines = [*wrapped(content["note"], "  "), *columns(content["classes"])]
    if groups := content["groups"]:
        lines += ["groups:", *columns(groups[:MOST_GROUPS])]
        if len(groups) > MOST_GROUPS:
            lines.append(f"  and {len(groups) - MOST_GROUPS} more")
    return lines
