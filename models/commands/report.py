"""`zerotap report`: the page of a comparison, or of one model."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from zerotap.reporting import json_option, print_report, progress, quiet_option, say

from .options import FOLDER


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--open", "opens", is_flag=True, help="Show it in the browser.")
@click.option(
    "--with-text", is_flag=True, help="Show what was typed in the examples; the page is yours alone then."
)
@click.option(
    "--dataset",
    type=FOLDER,
    help="Verify a model on it; of a comparison with --with-text: where what was typed is.",
)
@json_option
@quiet_option
def report(folder: Path, opens: bool, with_text: bool, dataset: Path | None, as_json: bool) -> None:
    """Draw report.html of a comparison's folder, or of a model's.

    One file without a network: the verdict, every model's scores and costs in tables and pictures, examples,
    and the data; light or dark, on a phone, printed. Nothing is trained or run; report.md comes with it.

    Of a model: what it is, how good it is, what it costs and how that was verified. In a comparison's folder
    it is what was measured there; else with --dataset its test side runs on the simulated board; else
    the page says what the model's plan does.

    \b
    Example:
      zerotap report comparison --open
      zerotap report conv-model --dataset moods
    """
    from zerotap.workflow import draw_page

    with progress() as tell:
        page = draw_page(folder, with_text=with_text, dataset=dataset, on_progress=tell)
    content = {"type": "page", "file": str(page), "bytes": page.stat().st_size}
    print_report(content, f"{page}: {content['bytes']:,} bytes", as_json)
    if opens and not webbrowser.open(page.resolve().as_uri()):
        say(f"no browser was found: open {page} yourself", err=True)
