"""Importing odd names, rates and files: each is data or one sentence, and nothing of it is left behind."""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.capture import Dataset
from zerotap.capture.imports import many_files
from zerotap.capture.imports.import_files import import_files
from zerotap.capture.labels import checked_label
from zerotap.capture.number_formats.table import Reading
from zerotap.cli import cli
from zerotap.errors import CaptureError

CSV = "time_ms,x,y\n" + "".join(f"{n * 10},{n}.5,{n}\n" for n in range(20))


def run(*arguments):
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def refused(*arguments):
    """The sentence of a command that fails."""
    failed = run("import", *arguments).exception
    assert isinstance(failed, CaptureError), failed
    return str(failed)


def test_a_name_that_is_no_utf8_names_no_class(tmp_path):
    odd = Path(os.fsdecode(b"\xff\xfe_1.csv"))
    for name in (odd, "walk_1.csv"):
        (tmp_path / name).write_text(CSV)
    done = import_files([tmp_path / odd, tmp_path / "walk_1.csv"], tmp_path / "d", label_from="name")
    assert [one.label for one in done.stored] == ["walk"]
    assert ["is no UTF-8" in one.why for one in done.left_out] == [True]
    assert Dataset.open(tmp_path / "d").classes == ("walk",)
    assert len(list((tmp_path / "d" / "recordings").iterdir())) == 2


@pytest.mark.parametrize("label", ["\udcff", "a\ud800"])
def test_a_label_is_text(label):
    with pytest.raises(CaptureError, match="is no UTF-8"):
        checked_label(label)


def test_an_empty_name_is_not_this_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text(CSV)
    result = run("import", "", "--label", "a", "--dataset", "d")
    assert result.exit_code == 2
    assert "a name is empty" in result.stderr
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_is_a_number_above_0(tmp_path, rate_hz):
    with pytest.raises(CaptureError, match="Hz is none"):
        Reading(rate_hz=rate_hz)
    (tmp_path / "a.csv").write_text(CSV)
    result = run(
        "import", tmp_path / "a.csv", "--label", "a", "--dataset", tmp_path / "d", "--rate-hz", rate_hz
    )
    assert result.exit_code == 2 or isinstance(result.exception, CaptureError)
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    "content",
    [
        'time_ms,x\n0,"1,000.5"\n10,"2,000.5"\n',
        "time_ms;x\n0;1.000,5\n10;2.000,5\n",
        "time_ms;x\n0;1'000\n10;2'000\n",
        'time_ms,x\n0,"1,000,000"\n10,"2,000,000"\n',
    ],
)
def test_thousands_separators_make_no_further_channels(tmp_path, content):
    (tmp_path / "a.csv").write_text(content)
    assert "line 2" in refused(tmp_path / "a.csv", "--label", "a", "--dataset", tmp_path / "d")


@pytest.mark.parametrize("name", ["a.csv", "a.npy", "a.jsonl", "a.pcapng", "a.csv.gz"])
def test_a_wrong_path_is_no_fault_of_its_format(tmp_path, name):
    said = refused(tmp_path / name, "--label", "a", "--dataset", tmp_path / "d")
    assert (
        said
        == f"{tmp_path / name}: cannot be read: No such file or directory; check the name and the permissions"
    )
    (tmp_path / "empty.csv").write_text("")
    said = refused(tmp_path / "empty.csv", "--label", "a", "--dataset", tmp_path / "d")
    assert "empty.csv: holds no table" in said


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3), (0, 0)])
def test_an_empty_array_is_no_samples(tmp_path, shape):
    np.save(tmp_path / "a.npy", np.zeros(shape))
    said = refused(tmp_path / "a.npy", "--label", "a", "--dataset", tmp_path / "d", "--rate-hz", "10")
    assert "holds no samples" in said


def test_what_is_packed_twice_is_called_so(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(gzip.compress(b"x" * 100)))
    said = refused(tmp_path / "a.gz", "--label", "a", "--dataset", tmp_path / "d")
    assert "packed twice, gzip within" in said


def _forbidden(*_, **__):
    raise PermissionError(13, "Permission denied")


def test_what_may_not_be_read_is_said(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(CSV)
    with monkeypatch.context() as patch:
        opened = Path.open
        patch.setattr(
            Path,
            "open",
            lambda path, *how, **more: (_forbidden if path.name == "a.csv" else opened)(path, *how, **more),
        )
        said = refused(tmp_path / "in" / "a.csv", "--label", "a", "--dataset", tmp_path / "d")
    assert "a.csv: cannot be read: Permission denied" in said
    monkeypatch.setattr(many_files, "in_order", _forbidden)
    said = refused(tmp_path / "in", "--label", "a", "--dataset", tmp_path / "d")
    assert "in: cannot be listed: Permission denied" in said
