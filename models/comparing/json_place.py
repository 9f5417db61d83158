"""A place in a JSON file that others may have edited: each value is read with its type and its bounds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from zerotap.contents import Bounds, read_text, text_fault
from zerotap.errors import ModelError

VERSION: Final = 1
"""Of report.json and of evidence.json; it rises where a field goes away or means something else."""
MOST: Final = (1 << 53) - 1
"""The largest whole number that every reader of JSON keeps."""
WAY_OUT: Final = "write it anew with zerotap compare"
_SHOWN: Final = 60
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Place:
    """A value in ``file``; ``path`` leads to it, as in models[2].costs.flash_bytes.

    What reads it raises ModelError, which names the file, the place and what is wanted there.
    """

    value: Any
    file: str
    path: str = ""

    def __getitem__(self, key: str) -> Place:
        """The value of a key of an object."""
        found = self._object()
        if key not in found:
            raise self._fault(f"has no {key!r}")
        return Place(found[key], self.file, f"{self.path}.{key}" if self.path else key)

    def each(self) -> Iterator[Place]:
        """The values of an array."""
        if not isinstance(self.value, list):
            raise self.unlike("an array")
        for index, one in enumerate(self.value):
            yield Place(one, self.file, f"{self.path}[{index}]")

    def items(self) -> Iterator[tuple[str, Place]]:
        """The keys and values of an object."""
        for key in self._object():
            yield key, self[key]

    def optional(self, key: str, read: Callable[[Place], _Read]) -> _Read | None:
        """What ``read`` makes of the value of a key; None where it is null, or there is no such key."""
        return self[key].maybe(read) if key in self._object() else None

    def maybe(self, read: Callable[[Place], _Read]) -> _Read | None:
        """None for null, else what ``read`` makes of it."""
        return None if self.value is None else read(self)

    def text(self, among: Collection[str] | None = None) -> str:
        """A string, one of ``among``."""
        if not isinstance(self.value, str):
            raise self.unlike("a string")
        if among is not None and self.value not in among:
            raise self.unlike(f"one of {', '.join(among)}" if among else "null")
        return self.value

    def whole(self, low: int = 0, high: int = MOST) -> int:
        """A whole number from ``low`` to ``high``."""
        if type(self.value) is not int or not low <= self.value <= high:
            raise self.unlike(f"a whole number from {low} to {high}")
        return self.value

    def number(self, low: float = -math.inf, high: float = math.inf) -> float:
        """A finite number from ``low`` to ``high``."""
        value = self.value
        if type(value) not in (int, float) or not _is_finite(value) or not low <= value <= high:
            raise self.unlike("a finite number" + _between(low, high))
        return float(value)

    def share(self) -> float:
        """A number from 0 to 1."""
        return self.number(0, 1)

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.unlike("true or false")
        return self.value

    def check_version(self) -> None:
        """Raise ModelError for a version that is later than this zerotap reads."""
        given = self.whole(1)
        if given > VERSION:
            reads = f"and this zerotap reads {VERSION}"
            raise ModelError(
                f"{self.file}: {self.path} is {given}, {reads}: install the zerotap that wrote it"
            )

    def require(self, holds: bool, fault: str) -> None:
        """Raise ModelError with ``fault`` (a verb and what follows) unless it holds."""
        if not holds:
            raise self._fault(fault)

    def unlike(self, wanted: str) -> ModelError:
        """What to raise where something else is here than is ``wanted``."""
        shown = json.dumps(self.value) if not isinstance(self.value, list | dict) else "not"
        begun = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
        return self._fault(f"is {begun}, not {wanted}" if begun != "not" else f"is not {wanted}")

    def _object(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.unlike("an object")
        return self.value

    def _fault(self, fault: str) -> ModelError:
        return ModelError(f"{self.file}: {self.path or 'the document'} {fault}: {WAY_OUT}")


def read_document(path: str | Path, most_bytes: int) -> Place:
    """Read a JSON file in a folder of others; raises ModelError, which names it, where it cannot be read."""
    bounds = Bounds(ModelError, most_bytes, f"it is no file of zerotap's, so {WAY_OUT}", text_fault)
    try:
        text = read_text(path, bounds, inside=True)
        return Place(json.loads(text, parse_constant=_no_number), str(path))
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}; {WAY_OUT}") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: is no JSON: {error}; {WAY_OUT}") from error


def plain(value: Any) -> Any:  # noqa: ANN401
    """Make JSON's values of a frozen dataclass and what it holds; what has a ``to_json`` says them itself."""
    if own := getattr(value, "to_json", None):
        return own()
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, tuple | list) else value


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # JSON's whole numbers have any length
        return False


def _between(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return ""
    return f" from {low:g} on" if math.isinf(high) else f" from {low:g} to {high:g}"


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")
