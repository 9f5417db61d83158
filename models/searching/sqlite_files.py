"""An SQLite file that a study is to be kept in: none of somebody else's is written in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from zerotap.errors import ModelError

_FIRST_TABLE: Final = "studies"
_KEY: Final = "study_id"
"""Optuna makes this table before all others."""
_SECONDS: Final = 60.0


def check_study_file(path: Path) -> None:
    """Raise ModelError where the file is a database of something else; nothing is written.

    A file that is not there, is empty, or cannot be read says nothing.
    """
    if not path.is_file() or not path.stat().st_size:
        return
    place = f"file:{quote(str(path.absolute()))}?mode=ro"
    try:
        with closing(sqlite3.connect(place, uri=True, timeout=_SECONDS)) as database:
            has_tables = bool(database.execute("select 1 from sqlite_master where type='table'").fetchone())
            columns = [row[1] for row in database.execute(f"pragma table_info({_FIRST_TABLE})")]
    except sqlite3.Error:
        return
    if has_tables and _KEY not in columns:
        raise ModelError(
            f"{path} is a database of something else, in which nothing is written: give a new file, as in "
            "--storage sqlite:///FILE"
        )
