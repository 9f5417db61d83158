"""Which files an earlier demo wrote: what its --force replaces. The folder's list says so; 0.1 kept none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from zerotap.firmware import was_exported
from zerotap.replacing import Kind


def _is_demo(folder: Path) -> bool:
    """Whether a folder without a list is a demo of zerotap 0.1."""
    return (folder / "report.json").is_file() and (folder / "messages.csv").is_file()


def _was_in_demo(folder: Path, file: str) -> bool:
    """Whether a demo of zerotap 0.1, which kept no list, wrote ``file`` of ``folder``."""
    if inner := _EARLIER_LIBRARY.fullmatch(file):
        return was_exported(folder / inner[1], inner[2])
    return bool(_EARLIER_DEMO.fullmatch(file))


_EARLIER_LIBRARY: Final = re.compile(r"((?:dense|conv|text)/arduino)/(.+)")
_EARLIER_DEMO: Final = re.compile(
    r"messages\.csv|report\.json|dataset/zerotap\.toml|dataset/recordings/message-\d{6}\.(pcapng|labels\.csv)"
    r"|(dense|conv|text)/(model\.(keras|toml|tflite)|pipeline\.toml)"
)
DEMO: Final = Kind("demo", _is_demo, _was_in_demo)
"""What --force of a demo replaces."""
