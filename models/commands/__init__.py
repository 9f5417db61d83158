"""The commands of models/: arguments in, one call, a report out."""

from .compare import compare
from .evaluate import evaluate
from .train import train

__all__ = ["compare", "evaluate", "train"]
