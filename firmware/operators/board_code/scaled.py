"""A sum to int8 in C, for what is not the board: the twin of :mod:`.rounding`."""

from __future__ import annotations


def scaled_lines(scale: str, bits: int, middle: int | None, step: str, output: str) -> list[str]:
    """C that makes ``output`` of ``sum``; ``scale`` is a pointer's expression, ``bits`` of its fraction.

    ``middle``: half a result above the zero point, in 2^-24 of a result, where a ``step`` comes off below it.
    """
    signed = middle is not None
    return [
        f"const zerotap_scale_t *scale = {scale};",
        "const int32_t above = sum - scale->low;",
        "const uint32_t positive = (uint32_t)(above & ~(above >> 31));",
        "const uint32_t q = positive < scale->span ? positive : scale->span;",
        f"const uint32_t low = (q & {(1 << bits) - 1}u) * scale->fraction >> {bits};",
        f"{'' if signed else 'const '}uint32_t scaled = q * scale->factor + scale->offset"
        f" + (q >> {bits}) * scale->fraction + low;",
        *([f"scaled -= (int32_t)scaled < {middle} ? {step} : 0;"] if signed else []),
        f"{output} = (int8_t)(scaled >> 24);",
    ]


def middle_of(zero_point: int) -> int:
    """Half a result above the zero point, in 2^-24 of a result."""
    return (zero_point << 24) + (1 << 23)
