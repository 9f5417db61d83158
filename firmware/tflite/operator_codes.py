"""Which operators a .tflite uses, and what those say that belong to several subgraphs."""

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


def subgraphs_fault(model: tflite.Model) -> str:
    """What is wrong with a file that has another number of subgraphs than one, and the way out."""
    fault = f"holds {model.SubgraphsLength()} subgraphs; convert a model without control flow"
    counted = range(min(model.OperatorCodesLength(), _CODES_MAX))
    codes = {builtin_code(model.OperatorCodes(at)) for at in counted}
    if tflite.BuiltinOperator.VAR_HANDLE in codes:
        return f"{fault} (its VAR_HANDLE keeps state between inferences: convert it to take whole windows)"
    if tflite.BuiltinOperator.WHILE in codes:
        return f"{fault} (its WHILE is a recurrent layer's: quantise the .keras file or the SavedModel)"
    return fault
