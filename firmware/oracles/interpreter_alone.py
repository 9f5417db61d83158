"""TensorFlow Lite's interpreter without the rest of TensorFlow, of which it needs nothing: the same kernels.

All of TensorFlow takes four seconds to load, the interpreter a tenth of one. Only a process of zerotap's own
does without, never one into which zerotap is imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any, Final

from zerotap.isolation import TENSORFLOW, inside

_PACKAGE: Final = "tensorflow"
_MODULE: Final = "tensorflow.lite.python.interpreter"


def interpreter_module() -> Any:  # noqa: ANN401 - TensorFlow is not typed
    """TensorFlow's module with ``Interpreter`` and ``OpResolverType``.

    What imports TensorFlow later gets all of it, with this module in it.
    """
    if _MODULE in sys.modules:
        return sys.modules[_MODULE]
    if inside(TENSORFLOW) and _PACKAGE not in sys.modules:
        return _alone()
    return importlib.import_module(_MODULE)


def _alone() -> Any:  # noqa: ANN401
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is not None:
        # The package as a place for its modules: what it runs when it is imported is left out.
        sys.modules[_PACKAGE] = importlib.util.module_from_spec(spec)
        try:
            return importlib.import_module(_MODULE)
        except ImportError:  # a system where its libraries are found by what was left out
            pass
        finally:
            del sys.modules[_PACKAGE]
    return importlib.import_module(_MODULE)
