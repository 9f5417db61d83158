"""What the names of files say: their order as a person counts them, and what they begin with."""

from __future__ import annotations

import re

_MOMENT = re.compile(r"[ _.\-]*(19|20)\d\d-?\d\d-?\d\d([ _.T\-]*\d\d([-.:_h]?\d\d){1,2}([.,]\d+)?Z?)?$")
_NUMBER = re.compile(r"[ _.\-]*(\(\d+\)|\d+)$")
_HASH = re.compile(r"\.(?=[0-9a-z]*\d)[0-9a-z]{4,}$")
_SUFFIX = re.compile(r"\.(csv|tsv|txt|json|cbor|pcapng|pcap|ingestion)$", re.IGNORECASE)


def natural_order(name: object) -> list[tuple[int, str]]:
    """Return the key that sorts names, or paths: take 2 before take 10, as runs of digits are numbers."""
    return [_part(part) for part in re.split(r"(\d+)", str(name))]


def _part(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isascii() and text.isdigit() else (-1, text)


def beginning_of(stem: str) -> str:
    """Return what the name of a file begins with: idle of idle_3, idle.2k3h, idle (2), idle_2026-01-31."""
    name = stem
    while (shorter := _SUFFIX.sub("", _HASH.sub("", name))) != name:
        name = shorter
    without_moment = _MOMENT.sub("", name)
    return _NUMBER.sub("", without_moment).strip(" _.-")
