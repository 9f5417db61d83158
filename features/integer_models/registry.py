"""Every integer model by the name of its file."""

from __future__ import annotations

from typing import Final

from .forest import Forest
from .interface import IntegerModel

INTEGER_MODELS: Final[dict[str, type[IntegerModel]]] = {
    Forest.file_name: Forest,
}
