"""C and the assembly that stands for a function of it on the board; both read the same constants."""

from __future__ import annotations

from typing import Final

_ON_THE_BOARD: Final = "defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)"


def shared(constant: str) -> str:
    """A constant without ``static``: the assembly names it, too."""
    return constant.replace("static const ", "const ", 1)


def elsewhere(function: str, file: str, portable: str) -> str:
    """The C of ``function``, for all but the board, where it is in ``file``."""
    return f"\n#if {_ON_THE_BOARD}\n/* {function} is in {file}. */\n#else\n{portable}#endif\n"


def on_the_board(about: str, assembly: str) -> str:
    """The file of assembly, lines that end in a line feed, for the board alone; ``about`` says what it is."""
    return f"/* {about} */\n#if {_ON_THE_BOARD}\n{assembly}#endif\n"
