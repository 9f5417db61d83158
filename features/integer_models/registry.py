"""Every integer model by the name of its file."""

from __future__ import annotations

from typing import Final

from .forest import Forest
from .interface import IntegerModel
from .linear_table import LinearTable

INTEGER_MODELS: Final[dict[str, type[IntegerModel]]] = {
    LinearTable.file_name: LinearTable,
    Forest.file_name: Forest,
}
