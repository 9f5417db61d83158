"""The C twins of features' integer models: one module a model, found by the name of its file."""

from __future__ import annotations

from typing import Final

from . import forest, linear_table
from .interface import IDS_A_CALL as IDS_A_CALL
from .interface import IntegerTwin as IntegerTwin
from .interface import Takes as Takes
from .interface import TwinCode as TwinCode
from .interface import TwinImplementation as TwinImplementation

TWINS: Final[dict[str, IntegerTwin]] = {
    "table.npz": linear_table,
    "forest.npz": forest,
}
