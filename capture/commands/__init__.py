"""The commands of capture/: arguments in, one call, a report out."""

from .files import import_, info, type_command

__all__ = ["import_", "info", "type_command"]
