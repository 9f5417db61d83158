"""The commands of models/: arguments in, one call, a report out."""

from .baseline import baseline
from .compare import compare
from .evaluate import evaluate
from .family_list import models
from .report import report
from .search import search
from .train import train

__all__ = ["baseline", "compare", "evaluate", "models", "report", "search", "train"]
