"""The commands of models/: arguments in, one call, a report out."""

from .baseline import baseline
from .compare import compare
from .evaluate import evaluate
from .train import train

__all__ = ["baseline", "compare", "evaluate", "train"]
