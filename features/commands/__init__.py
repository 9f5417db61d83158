"""The commands of features/: arguments in, one call, a report out."""

from .dataset_windows import windows
from .transform_list import transforms
from .typed_text import text

__all__ = ["text", "transforms", "windows"]
