"""key_ids in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.key_ids import KeyIds

_PRESSES_BYTES = 15  # sizeof(zerotap_presses_t)
_RUNTIME = (
    "zerotap_text.h",
    "zerotap_key_ids_push.c",
    "zerotap_key_ids_more.c",
    "zerotap_keys_pressed.c",
)


def emit(transform: KeyIds, source: Signal, prefix: str) -> Stage:
    """Generate what is kept of the keys."""
    return Stage(
        f"static zerotap_presses_t {prefix}_presses;\n",
        push=f"zerotap_key_ids_push(in, &{prefix}_presses, out)",
        more=f"zerotap_key_ids_more(&{prefix}_presses, out)",
        reset=f"{prefix}_presses = (zerotap_presses_t){{0}};",
        runtime=_RUNTIME,
        ram_bytes=_PRESSES_BYTES,
    )
