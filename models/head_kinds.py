"""The kinds of heads by their names, which a command offers before anything is loaded; see ``heads``."""

from typing import Final

CLASSES: Final = "classes"
BINARY: Final = "binary"
LABELS: Final = "labels"
HEADS: Final = (CLASSES, BINARY, LABELS)
