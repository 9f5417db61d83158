"""pad_ids in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.firmware.c_code.c_source import struct

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.pad_ids import PadIds

_PADDING_BYTES = 12  # sizeof(zerotap_padding_t)
_RUNTIME = ("zerotap_text.h", "zerotap_pad_ids_push.c", "zerotap_pad_ids_flush.c")


def emit(transform: PadIds, source: Signal, prefix: str) -> Stage:
    """Generate the window that the ids gather in."""
    fields: dict[str, int | str] = {
        "ids": f"{prefix}_ids",
        "length": transform.length,
        "head": transform.head,
    }
    definitions = (
        f"static int32_t {prefix}_ids[{transform.length}];\n"
        + struct("zerotap_pad_ids_t", f"{prefix}_window", fields)
        + f"static zerotap_padding_t {prefix}_padding;\n"
    )
    return Stage(
        definitions,
        push=f"((void)out, zerotap_pad_ids_push(in, &{prefix}_window, &{prefix}_padding))",
        flush=f"zerotap_pad_ids_flush(&{prefix}_window, &{prefix}_padding, out)",
        reset=f"{prefix}_padding = (zerotap_padding_t){{0}};",
        runtime=_RUNTIME,
        ram_bytes=4 * transform.length + _PADDING_BYTES,
    )
