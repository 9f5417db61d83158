"""CSV files that were made to be dear."""

import time
import tracemalloc

import pytest

from zerotap.capture.files.csv_files import csv_in, read_csv
from zerotap.errors import CaptureError

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize(
    "content",
    [
        b"timestamp,a\n" + b"1,2\n" * 100_000,
        b"timestamp,a\n" + b"9e999,1\n" * 10 + b"\n" * 200_000,
        b"timestamp,a\n" + b"".join(b"%de-999,9e999\n" % n for n in range(20_000)),
        b"timestamp_ns,endpoint,transfer,data\n" + b"1,0x81,bulk,00\n" * 20_000,
        b"timestamp," + b",".join(b"c%d" % n for n in range(100_000)) + b"\n",
    ],
    ids=["samples", "blank lines", "exponents", "packets", "columns"],
)
def test_memory_and_time_follow_the_file(tmp_path, content):
    path = tmp_path / "dear.csv"
    started = time.process_time()
    read(content, path)
    assert time.process_time() - started < 3
    tracemalloc.start()  # which takes five times as long
    try:
        read(content, path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10 * len(content)


def read(content, path):
    try:
        csv_in(content, path)
    except CaptureError as error:
        assert "line" in str(error)


def test_a_device_without_end_is_refused():
    with pytest.raises(CaptureError, match="/dev/zero: it begins with zeros"):
        read_csv("/dev/zero")
