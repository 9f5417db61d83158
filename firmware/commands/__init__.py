"""The commands of firmware/: arguments in, one call, a report out."""

from .analyse import analyse
from .export import export
from .quantise import quantise
from .simulate import simulate
from .verify import verify

__all__ = ["analyse", "export", "quantise", "simulate", "verify"]
