"""Files of numbers that were made to be dear: time and memory follow their bytes."""

import time
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest

from zerotap.capture.number_formats.registry import numbers_in
from zerotap.capture.number_formats.table import Reading
from zerotap.errors import CaptureError

DEAR = {
    "a list": b"[" + b"[1]," * 8_000 + b"[1]]",
    "an acquisition": b'{"payload":{"interval_ms":1,"sensors":[{"name":"x"}],"values":['
    + b"1," * 15_000
    + b"1]}}",
    "rows of JSON": b"[1]\n" * 8_000,
    "named": b"x:1\n" * 8_000,
    "one column": b"1\n" * 15_000,
    "a row of many": b"[[" + b"1," * 150_000 + b"1]]",
    "depth": b"[" * 100_000,
    "separators": (b"," * 60_000 + b"\n1,2\n") * 5,
    "many columns": b"1," * 32_000 + b"\n" + b"1," * 32_000 + b"\n",
    "one word": b"a" * 60_000 + b"\n" + b"1\n" * 9,
}


@pytest.mark.parametrize("content", DEAR.values(), ids=DEAR)
def test_memory_and_time_follow_the_file(content):
    tracemalloc.start()
    started = time.process_time()
    with suppress(CaptureError):
        numbers_in(content, Path("dear.data"), Reading(rate_hz=100))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 11 * len(content) + (3 << 19)  # the rows that are looked at first
    assert time.process_time() - started < 5


def test_two_names_are_never_one():
    names = b"time_s,a,a_3,a,a,a_3\n0,1,2,3,4,5\n1,1,2,3,4,5\n"
    ((_, recording),) = numbers_in(names, Path("a.csv")).recordings
    header = recording.payload.tobytes().split(b"\n")[0].split(b",")
    assert len(header) == len(set(header)) == 5
