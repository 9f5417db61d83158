"""Requests to child processes: one child a library, started when it is first asked, and again if it died."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from zerotap import errors
from zerotap.interrupts import held
from zerotap.reporting import Progress, no_progress

from .limits import Limits
from .messages import Answer, read_message, write_message
from .process import Process

_KINDS: Final[dict[str, type[errors.ZerotapError]]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.ZerotapError)
}
_children: Final[dict[str, Process]] = {}
_one_at_a_time = threading.RLock()


@dataclass(eq=False)
class ChildError(Exception):
    """A request that has no answer.

    ``kind``: "refused", the library raised ``reason``; "memory", it needed more than it may; "time", it took
    longer than it may; "died", its process is gone, by ``reason``. ``words``: the last line that it wrote to
    stderr, or "".
    """

    kind: str
    reason: str
    words: str = ""

    def __str__(self) -> str:
        return self.reason


def call(
    library: str,
    verb: str,
    values: Mapping[str, Any],
    arrays: Sequence[NDArray[Any]],
    limits: Limits,
    on_progress: Progress = no_progress,
) -> Answer:
    """Have the child that runs ``library`` call ``verb``, "module:function" of zerotap's own.

    ``function(values, arrays, on_progress)`` returns an Answer. Raises what it raised of zerotap's errors, or
    ChildError.
    """
    with _one_at_a_time:
        child = _child(library, limits.memory_bytes)
        timer = child.timer(limits.seconds)
        timer.start()
        try:
            write_message(child.requests, {"verb": verb, "values": dict(values)}, arrays)
            return _answer(child, on_progress)
        except (OSError, EOFError, ValueError) as error:
            raise _death(child) from error
        except (ChildError, errors.ZerotapError):
            raise
        except BaseException:  # Ctrl-C: the answer would be read as the next request's
            _forget(child)
            child.stop()
            raise
        finally:
            timer.cancel()


def _answer(child: Process, on_progress: Progress) -> Answer:
    header, arrays = read_message(child.answers)
    while "progress" in header:
        on_progress(*header["progress"])
        header, arrays = read_message(child.answers)
    if "raised" in header:
        raise _KINDS.get(header["raised"], errors.ModelError)(header["said"])
    if "kind" in header:
        raise ChildError(header["kind"], header["reason"], child.words())
    return Answer(header["values"], tuple(arrays))


def _child(library: str, memory_bytes: int) -> Process:
    child = _children.get(library)
    if child is not None and child.memory_bytes != memory_bytes:
        _forget(child)
        child.stop()
        child = None
    if child is None:
        with held():
            child = _children[library] = Process(library, memory_bytes)
    return child


def _forget(child: Process) -> None:
    if _children.get(child.library) is child:
        del _children[child.library]


def _death(child: Process) -> ChildError:
    _forget(child)
    status = child.wait()
    words = child.words()
    reason = f"its process ended with {status}"
    if child.expired:
        return ChildError("time", reason, words)
    if "bad_alloc" in words or "length_error" in words:
        return ChildError("memory", reason, words)
    return ChildError("died", reason, words)


def _stop_all() -> None:
    for child in list(_children.values()):
        _forget(child)
        child.stop()


def _leave_to_parent() -> None:
    """In a fork: the children are the parent's, and so is a lock that another of its threads may hold."""
    global _one_at_a_time
    _children.clear()
    _one_at_a_time = threading.RLock()


atexit.register(_stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
