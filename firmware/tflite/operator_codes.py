"""Which operators a .tflite uses, and what they say of its subgraphs."""

from __future__ import annotations

import struct
from typing import Final

import tflite

_BUILTIN_CODE_SLOT: Final = 10  # of OperatorCode's vtable
_CODES_MAX: Final = 1 << 14


def builtin_code(record: tflite.OperatorCode) -> int:
    """The larger of the old and the new field, as in TensorFlow; the schema reader hides a small new one."""
    table = record._tab
    offset = table.Offset(_BUILTIN_CODE_SLOT)
    code = struct.unpack_from("<i", table.Bytes, table.Pos + offset)[0] if offset else 0
    return int(max(code, record.DeprecatedBuiltinCode()))


def has_one_or_initialising(model: tflite.Model) -> bool:
    """Whether a file has one subgraph, or more of which the others may be those that CALL_ONCE runs."""
    subgraphs = model.SubgraphsLength()
    return subgraphs == 1 or (subgraphs > 1 and tflite.BuiltinOperator.CALL_ONCE in _codes(model))


def subgraphs_fault(model: tflite.Model) -> str:
    """What is wrong with a file whose subgraphs are not one beside those of CALL_ONCE, and the way out."""
    fault = f"holds {model.SubgraphsLength()} subgraphs; convert a model without control flow"
    if tflite.BuiltinOperator.WHILE in _codes(model):
        return f"{fault} (its WHILE is a recurrent layer's: quantise the .keras file or the SavedModel)"
    return fault


def _codes(model: tflite.Model) -> set[int]:
    counted = range(min(model.OperatorCodesLength(), _CODES_MAX))
    return {builtin_code(model.OperatorCodes(at)) for at in counted}
