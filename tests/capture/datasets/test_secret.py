"""A dataset's secret: made once, kept as it is, readable by its owner alone."""

import os
import stat

import pytest

from zerotap.capture import Dataset
from zerotap.capture.datasets.secret import SECRET_FILE
from zerotap.errors import CaptureError, OutputError


@pytest.fixture
def dataset(tmp_path) -> Dataset:
    before = os.umask(0)
    try:
        made = Dataset.create(tmp_path / "moods", True)
        made.secret()
    finally:
        os.umask(before)
    return made


def test_it_stays_and_is_private(dataset):
    path = dataset.path / SECRET_FILE
    assert dataset.secret() == dataset.secret() == bytes.fromhex(path.read_text())
    assert len(dataset.secret()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_dataset_has_another(dataset, tmp_path):
    assert Dataset.create(tmp_path / "other", True).secret() != dataset.secret()


def test_a_dataset_s_folders_are_closed_whatever_the_umask(dataset):
    for folder in (dataset.path, dataset.path / "recordings"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"ff", b"no secret", b"f" * 4096])
def test_a_damaged_one_is_named_and_not_replaced(dataset, content):
    (dataset.path / SECRET_FILE).write_bytes(content)
    with pytest.raises(CaptureError, match=r"decoys\.secret.*remove it"):
        dataset.secret()
    assert (dataset.path / SECRET_FILE).read_bytes() == content


def test_it_is_written_through_no_link(dataset, tmp_path):
    (dataset.path / SECRET_FILE).unlink()
    (dataset.path / SECRET_FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="symbolic link"):
        dataset.secret()
    assert not (tmp_path / "elsewhere").exists()
