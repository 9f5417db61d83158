"""What the status of a failed transfer means.

The numbers are Linux's error numbers, negative, as usbmon writes them: a file means the same whatever host
made it. Source: Linux, Documentation/driver-api/usb/error-codes.rst.
"""

from __future__ import annotations

import errno

UNPLUGGED = -19  # ENODEV
LATE = -70  # ECOMM: data came faster than it was taken
OVERFLOW = -75  # EOVERFLOW: more data than was asked for, and so lost

EVENT_KINDS = {UNPLUGGED: "unplug", LATE: "gap", OVERFLOW: "gap"}
"""All other statuses are "failed"."""

_OF_HOST = {
    errno.EIO: -5,
    errno.ENODEV: UNPLUGGED,
    errno.EPIPE: -32,
    errno.EOVERFLOW: OVERFLOW,
    errno.ETIMEDOUT: -110,
}


def status_of(number: int) -> int:
    """Return the status for an error number of the host that this runs on; one not known stays itself."""
    return _OF_HOST.get(number, -number)


def kind_of(status: int) -> str:
    """Return the kind of event that a status other than 0 is."""
    return EVENT_KINDS.get(status, "failed")
