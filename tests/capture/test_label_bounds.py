"""Labels files that were made to be dear: memory is a few times the bytes, or the line is named."""

import tracemalloc
from pathlib import Path

import pytest

from zerotap.capture.labels import FREE_BYTES, labels_in
from zerotap.errors import CaptureError

HEAD = b"start_s,end_s,label,source\n"
ROWS = 60_000
OURS = HEAD + b"".join(b"%d.25,%d.5,calm,user\r\n" % (n, n) for n in range(ROWS // 4))
DEAR = {
    "short rows": HEAD + b"0,0,a,b\n" * ROWS,
    "short rows, no source": HEAD + b"0,0,a\n" * ROWS,
    "new labels": HEAD + b"".join(b"0,0,%x\n" % n for n in range(ROWS)),
    "new times": HEAD + b"".join(b"0,%d,a\n" % n for n in range(ROWS)),
    "cells": HEAD + b"0,1,a,b" + b",x" * 4 * ROWS,
    "columns": HEAD[:-1] + b",x" * 4 * ROWS + b"\n",
}


def cost(content):
    tracemalloc.start()
    try:
        return labels_in(content, Path("x.labels.csv")), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_labels_take_less_than_ten_times_their_bytes():
    labels, peak_bytes = cost(OURS)
    assert len(labels) == ROWS // 4 and labels[1].start_s == 1.25 and labels[1].source == "user"
    assert peak_bytes < 8 * len(OURS)


@pytest.mark.parametrize("name", DEAR)
def test_more_labels_than_a_person_sets_are_refused_with_the_line(name):
    tracemalloc.start()
    try:
        with pytest.raises(CaptureError, match=r"x\.labels\.csv: line \d+"):
            labels_in(DEAR[name], Path("x.labels.csv"))
        assert tracemalloc.get_traced_memory()[1] < 10 * len(DEAR[name]) + FREE_BYTES
    finally:
        tracemalloc.stop()
