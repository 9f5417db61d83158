"""Reports as rich tables of at most 80 columns: they are drawn here and computed elsewhere."""

from __future__ import annotations

from typing import Any

from rich.table import Table as RichTable

from zerotap.reporting import visible

WIDTH = 80
FRAME = 3  # what a column takes beside its text; one more for the table


class Table(RichTable):
    """A table of names from anywhere: a line feed in one makes no line."""

    def add_column(self, header: str, **how: Any) -> None:  # type: ignore[override]  # noqa: ANN401
        """Add a column."""
        super().add_column(visible(header), **how)

    def add_row(self, *cells: str) -> None:  # type: ignore[override]
        """Add a row."""
        super().add_row(*map(visible, cells))
