"""Files of integer models: the same bytes for the same model, and a sentence for whatever is none."""

import io
import pickle
import time
import zipfile
from functools import partial

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.features import find_integer_file, parameter_count, read_integer_model, write_integer_model
from zerotap.features.integer_models import INTEGER_MODELS, IntegerModel


@pytest.mark.parametrize("name", list(INTEGER_MODELS))
def test_a_registered_model_is_named_as_its_file(name: str) -> None:
    assert INTEGER_MODELS[name].file_name == name
    assert INTEGER_MODELS[name].meaning in ("margins", "shares")


def test_a_model_comes_back_the_same(tiny_model, tmp_path) -> None:
    model = tiny_model(np.array([[0, 0], [3, -1], [-2, 7]], np.int16))
    assert isinstance(model, IntegerModel)
    path = write_integer_model(model, tmp_path)
    assert find_integer_file(tmp_path) == path == tmp_path / "tiny.npz"
    back = read_integer_model(path)
    assert {name: (a.dtype, a.tolist()) for name, a in back.to_arrays().items()} == {
        "weights": (np.dtype(np.int16), [[0, 0], [3, -1], [-2, 7]])
    }
    assert back.scores(np.array([[1, 2, 0]], np.int32)).tolist() == [[1, 6]]
    assert parameter_count(back) == 6


def test_the_same_model_makes_the_same_bytes_whenever(tiny_model, tmp_path, monkeypatch) -> None:
    weights = np.arange(8, dtype=np.int8).reshape(4, 2)
    one, other = tmp_path / "one", tmp_path / "other"
    write_integer_model(tiny_model(weights), one)
    monkeypatch.setattr(time, "time", lambda: 1_000_000_000.0)
    write_integer_model(tiny_model(np.asfortranarray(weights).astype(">i1")), other)
    assert (one / "tiny.npz").read_bytes() == (other / "tiny.npz").read_bytes()
    assert np.load(one / "tiny.npz", allow_pickle=False)["weights"].tolist() == weights.tolist()


def npz(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def packed() -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, weights=np.zeros((1000, 2), np.int8))
    return stream.getvalue()


def with_header(header: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        text = header.encode().ljust(117) + b"\n"
        archive.writestr("weights.npy", b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text)
    return stream.getvalue()


def twice() -> bytes:
    stream, one = io.BytesIO(), io.BytesIO()
    np.save(one, np.zeros((2, 2), np.int8))
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("weights.npy", one.getvalue())
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("weights.npy", one.getvalue())
    return stream.getvalue()


DAMAGED = {
    "nothing": (lambda: b"", "no .npz"),
    "a pickle": (lambda: pickle.dumps([1]), "no .npz"),
    "cut": (lambda: npz(weights=np.zeros((2, 2), np.int8))[:-30], "no readable integer model"),
    "objects": (lambda: npz(weights=np.array([[1, None]], object)), "none of integers"),
    "floats": (lambda: npz(weights=np.zeros((2, 2))), "none of integers"),
    "packed": (packed, "packed"),
    "twice": (twice, "same name"),
    "huge": (
        partial(with_header, "{'descr': '<i4', 'fortran_order': False, 'shape': (1099511627776, 2)}"),
        "in 0 bytes is none of integers",
    ),
    "negative": (
        partial(with_header, "{'descr': '<i4', 'fortran_order': False, 'shape': (-1, 0)}"),
        "none of integers",
    ),
    "no header": (partial(with_header, "{"), "no readable integer model"),
    "long header": (
        lambda: with_header("{'descr': '|i1', 'fortran_order': False, 'shape': (4,), }" + " " * 20_000),
        "no readable integer model",
    ),
    "other arrays": (lambda: npz(other=np.zeros((2, 2), np.int8)), "weights"),
    "many": (lambda: npz(**{f"a{n}": np.zeros(1, np.int8) for n in range(65)}), "65 arrays"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_none_is_told_in_one_sentence(name, tiny_model, tmp_path) -> None:
    make, words = DAMAGED[name]
    path = tmp_path / tiny_model.file_name
    path.write_bytes(make())
    with pytest.raises(ModelError) as told:
        read_integer_model(path)
    assert str(told.value).startswith(str(path))
    assert words in str(told.value)
    assert "\n" not in str(told.value)


def test_another_name_and_two_models_in_a_folder_are_refused(tiny_model, tmp_path, monkeypatch) -> None:
    write_integer_model(tiny_model(np.zeros((2, 2), np.int8)), tmp_path)
    with pytest.raises(ModelError, match=r"tiny\.npz"):
        read_integer_model(tmp_path / "other.npz")
    monkeypatch.setitem(INTEGER_MODELS, "other.npz", tiny_model)
    (tmp_path / "tiny.npz").rename(tmp_path / "other.npz")
    write_integer_model(tiny_model(np.zeros((2, 2), np.int8)), tmp_path)
    with pytest.raises(ModelError, match="is one of them"):
        find_integer_file(tmp_path)
    assert find_integer_file(tmp_path / "nowhere") is None
