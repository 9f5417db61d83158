"""What analyse would refuse is refused by quantise: operators before it calibrates, the rest after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from numpy.typing import NDArray

from zerotap.errors import ModelError, NoOperatorError
from zerotap.firmware.planning.plan import check_operators, check_planned
from zerotap.firmware.tflite.reader import read_tflite

_FEW: Final = 4
_MANY: Final = 32


def judged(content: bytes, source: str) -> bytes:
    """An int8 .tflite as it is, once it is known that analyse takes it.

    Raises ModelError, which calls the model ``source``, for what plan() or the oracle refuses.
    """
    check_planned(read_tflite(content, source=source))
    return content


def judge_first(convert: Callable[[NDArray[Any]], bytes], samples: NDArray[Any], source: str) -> None:
    """Raise NoOperatorError for a model that needs an operator that there is not, by few of many samples.

    Whatever else is refused may be for want of samples: all of them will tell.
    """
    if len(samples) < _MANY:
        return
    few = samples[:: len(samples) // _FEW]
    try:
        check_operators(read_tflite(convert(few), source=source))
    except NoOperatorError:
        raise
    except (ModelError, RuntimeError, ValueError, TypeError):
        return
