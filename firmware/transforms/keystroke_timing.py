"""keystroke_timing in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.keystroke_timing import KeystrokeTiming

_RUNTIME = (
    "zerotap_windows.h",
    "zerotap_item_ms.c",
    "zerotap_elapsed_ms.c",
    "zerotap_clock_step.c",
    "zerotap_keystrokes_push.c",
    "zerotap_keystrokes_more.c",
    "zerotap_keystrokes_reset.c",
)
_STATE_BYTES = 208


def emit(transform: KeystrokeTiming, source: Signal, prefix: str) -> Stage:
    """Generate the keys' state."""
    return Stage(
        f"static zerotap_keystrokes_t {prefix}_state;\n",
        f"zerotap_keystrokes_push(&{prefix}_state, in, out)",
        f"zerotap_keystrokes_reset(&{prefix}_state);",
        _RUNTIME,
        _STATE_BYTES,
        more=f"zerotap_keystrokes_more(&{prefix}_state, out)",
    )
