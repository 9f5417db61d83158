"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from zerotap.models.seeds import SEED_MAX

FOLDER: Final = click.Path(path_type=Path, file_okay=False)
FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)
dataset_option = click.option(
    "--dataset", type=FOLDER, required=True, help="A dataset of `zerotap record`, `type` or `import`."
)
seed_option = click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, SEED_MAX),
    help="The same seed on the same dataset gives the same weights.",
)
