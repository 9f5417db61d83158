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
    """Generate what is known of the window: the ids gather where it is given, so that it is in RAM once."""
    fields: dict[str, int | str] = {"length": transform.length, "head": transform.head}
    definitions = (
        struct("zerotap_pad_ids_t", f"{prefix}_window", fields)
        + f"static zerotap_padding_t {prefix}_padding;\n"
    )
    return Stage(
        definitions,
        push=f"zerotap_pad_ids_push(in, &{prefix}_window, &{prefix}_padding, out)",
        flush=f"zerotap_pad_ids_flush(&{prefix}_window, &{prefix}_padding, out)",
        reset=f"{prefix}_padding = (zerotap_padding_t){{0}};",
        runtime=_RUNTIME,
        ram_bytes=_PADDING_BYTES,
    )
