"""TensorFlow Lite's interpreter without the rest of TensorFlow, of which it needs nothing: the same kernels.

All of TensorFlow takes four seconds to load, the interpreter a tenth of one. Only a process of zerotap's own
does without, never one into which zerotap is imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from functools import lru_cache
from importlib.machinery import EXTENSION_SUFFIXES
from typing import Any, Final

from zerotap.isolation import TENSORFLOW, inside

_PACKAGE: Final = "tensorflow"
_MODULE: Final = "tensorflow.lite.python.interpreter"
_LIBRARIES: Final = tuple(EXTENSION_SUFFIXES)


def interpreter_module() -> Any:  # noqa: ANN401 - TensorFlow is not typed
    """TensorFlow's module with ``Interpreter`` and ``OpResolverType``.

    What imports TensorFlow later gets all of it.
    """
    if inside(TENSORFLOW) and _PACKAGE not in sys.modules:
        return _alone() or importlib.import_module(_MODULE)
    return importlib.import_module(_MODULE)


@lru_cache(maxsize=1)
def _alone() -> Any:  # noqa: ANN401
    """The module; None on a system where its libraries are found by what is left out."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None:
        return None
    # The package as a place for its modules: what it runs when it is imported is left out.
    sys.modules[_PACKAGE] = importlib.util.module_from_spec(spec)
    try:
        return importlib.import_module(_MODULE)
    except ImportError:
        return None
    finally:
        _forget()


def _forget() -> None:
    """So that who imports any module of the package later gets all of it first; libraries load but once."""
    for name, module in list(sys.modules.items()):
        is_library = str(getattr(module, "__file__", "")).endswith(_LIBRARIES)
        if name.split(".")[0] == _PACKAGE and not is_library:
            del sys.modules[name]
