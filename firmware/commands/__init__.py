"""The commands of firmware/: arguments in, one call, a report out."""

from .analyse import analyse
from .classify import classify
from .export import export
from .flash import flash
from .quantise import quantise
from .simulate import simulate
from .verify import verify

__all__ = ["analyse", "classify", "export", "flash", "quantise", "simulate", "verify"]
