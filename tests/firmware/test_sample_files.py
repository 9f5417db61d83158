"""Windows in a .npy file: whole, damaged, or promising more than there is."""

import io
import tracemalloc

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.firmware.commands.samples import load_samples


def npy(array, **changes):
    stream = io.BytesIO()
    np.save(stream, array)
    content = stream.getvalue()
    for old, new in changes.get("edits", ()):
        assert len(old) == len(new) and old in content
        content = content.replace(old, new)
    return content


def npz(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def bomb():
    """Zeros, packed to a thousandth."""
    stream = io.BytesIO()
    np.savez_compressed(stream, x=np.zeros(300_000, np.float32))
    return stream.getvalue()


def test_several_arrays_are_read_by_name(tmp_path):
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.arange(2, dtype=np.int32)}
    (tmp_path / "x.npz").write_bytes(npz(**arrays))
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    for read in (load_samples(tmp_path / "x.npz"), load_samples(tmp_path / "a.npy", tmp_path / "b.npy")):
        assert list(read) == ["a", "b"]
        assert all(np.array_equal(read[name], array) for name, array in arrays.items())
    (tmp_path / "one.npz").write_bytes(npz(a=arrays["a"]))
    assert np.array_equal(load_samples(tmp_path / "one.npz"), arrays["a"])


def test_samples_that_name_an_input_twice_are_refused(tmp_path):
    (tmp_path / "x.npz").write_bytes(npz(a=np.zeros(2), b=np.zeros(2)))
    np.save(tmp_path / "a.npy", np.zeros(2))
    with pytest.raises(ModelError, match="same name"):
        load_samples(tmp_path / "a.npy", tmp_path / "a.npy")
    with pytest.raises(ModelError, match="give it alone"):
        load_samples(tmp_path / "a.npy", tmp_path / "x.npz")


@pytest.mark.parametrize("array", [np.arange(12, dtype=np.float32).reshape(3, 4), np.zeros((0, 3), np.int32)])
def test_an_array_is_read(tmp_path, array):
    (tmp_path / "x.npy").write_bytes(npy(array))
    read = load_samples(tmp_path / "x.npy")
    assert read.dtype == array.dtype and read.shape == array.shape and (read == array).all()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\3\4",
        npz(x=np.zeros(100, np.float32))[:-30],
        npz(),
        npz(x=np.zeros(4, np.float32)).replace(b"(4,), }", b"(9,), }"),
        bomb(),
        npy(np.zeros(4, np.float32))[:60],
        npy(np.zeros(100, np.float32))[:-1],
        npy(np.zeros(4, np.float32), edits=[(b"(4,), }         ", b"(4000000000,), }")]),
        npy(np.zeros(4, np.float32), edits=[(b"(4,), }    ", b"(-40000,),}")]),
        npy(np.zeros(4, np.float32), edits=[(b"'<f4'", b"'|O' ")]),
        npy(np.zeros(4, np.float32), edits=[(b"'shape'", b"'sha\0e'")]),
    ],
)
def test_what_is_none_is_one_sentence_and_no_memory(tmp_path, content):
    (tmp_path / "x.npy").write_bytes(content)
    tracemalloc.start()
    with pytest.raises(ModelError, match=r"x\.npy.*numpy\.save\(\)"):
        load_samples(tmp_path / "x.npy")
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_a_device_without_end_is_refused():
    with pytest.raises(ModelError, match="/dev/zero"):
        load_samples("/dev/zero")
