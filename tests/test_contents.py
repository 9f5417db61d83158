"""Files that others wrote: whole, from a pipe, too large, without end."""

import contextlib
import os
import threading

import pytest

from zerotap.contents import HEAD_BYTES, Bounds, read_contents, read_text, text_fault
from zerotap.errors import CaptureError

BOUNDS = Bounds(CaptureError, 3 * HEAD_BYTES, "divide it", text_fault)


@pytest.mark.parametrize("size", [0, 1, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1, 3 * HEAD_BYTES])
def test_a_file_is_read_whole(tmp_path, size):
    content = b"a" * size
    (tmp_path / "f").write_bytes(content)
    assert read_contents(tmp_path / "f", BOUNDS) == content
    assert read_text(tmp_path / "f", BOUNDS) == content.decode()


def test_a_pipe_is_read_whole_and_no_further_than_the_bound(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write(content):
        with contextlib.suppress(BrokenPipeError):
            pipe.write_bytes(content)

    for count, is_read in ((3 * HEAD_BYTES, True), (20 * HEAD_BYTES, False)):
        thread = threading.Thread(target=write, args=[b"a" * count])
        thread.start()
        if is_read:
            assert len(read_contents(pipe, BOUNDS)) == count
        else:
            with pytest.raises(CaptureError, match=r"pipe: has more than 192 KiB: divide it"):
                read_contents(pipe, BOUNDS)
        thread.join()


def test_too_large_is_said_before_it_is_read(tmp_path):
    (tmp_path / "f").write_bytes(b"text")
    os.truncate(tmp_path / "f", 1 << 40)
    with pytest.raises(CaptureError, match="f: has more than 192 KiB"):
        read_contents(tmp_path / "f", BOUNDS)


def test_zeros_are_no_text():
    with pytest.raises(CaptureError, match="/dev/zero: it begins with zeros"):
        read_contents("/dev/zero", BOUNDS)
