"""The commands of capture/: arguments in, one call, a report out."""

from .devices import devices, doctor, udev
from .files import convert, info, label, type_command
from .importing import import_
from .record import record
from .remove import remove
from .split import split
from .watch import watch

__all__ = [
    "convert",
    "devices",
    "doctor",
    "import_",
    "info",
    "label",
    "record",
    "remove",
    "split",
    "type_command",
    "udev",
    "watch",
]
