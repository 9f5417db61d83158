"""What a model is trained on and tested on: by the dataset's own split, and of keyboards in any form."""

import numpy as np
import pytest

from zerotap.capture import Dataset, DeviceIdentity, Packet, Recording, Typist
from zerotap.features import Pipeline
from zerotap.models import baseline, split_windows

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def bits(report):
    down = np.zeros(120, np.uint8)
    down[[usage for usage in report[2:] if usage]] = 1
    return report[:1] + np.packbits(down, bitorder="little").tobytes()


def typed(folder, form):
    dataset = Dataset.create(folder, synthetic=True)
    for number, word in enumerate(WORDS):
        reports = [(0, bytes(8)), *Typist().type(f"{word} more", number)]
        recording = Recording.from_packets(
            [Packet(offset_ns, 0x81, form(data)) for offset_ns, data in reports], DeviceIdentity(1, 2)
        )
        dataset.store(recording, word, ["odd", "even"][number % 2])
    dataset.set_split({word: "test" if word in ("nine", "ten") else "train" for word in WORDS})
    return dataset


def test_the_dataset_says_which_recordings_test(tmp_path):
    dataset = typed(tmp_path / "d", bytes)
    train, test, note = split_windows(dataset, Pipeline.text("words", 2, 2))
    assert (len(np.unique(train.groups)), len(np.unique(test.groups))) == (8, 2)
    assert note == "by the sides that were given"


@pytest.mark.parametrize("form", [bits, lambda report: b"\x01" + report, lambda report: b"\x01" + report[:7]])
def test_keyboards_of_another_form_give_the_windows_of_boot_reports(tmp_path, caplog, form):
    plain, other = typed(tmp_path / "plain", bytes), typed(tmp_path / "other", form)
    pipeline = Pipeline.text("words", 2, 2)
    for one, same in zip(split_windows(plain, pipeline)[:2], split_windows(other, pipeline)[:2], strict=True):
        assert np.array_equal(one.x, same.x) and np.array_equal(one.y, same.y)
    assert caplog.text.count("the boot protocol, as a board has to ask") == 1


def test_a_split_by_groups_tells_training_which_windows_are_of_one_group(tmp_path):
    dataset = typed(tmp_path / "d", bytes)
    assert split_windows(dataset, Pipeline.text("words", 2, 2))[0].kin is None
    dataset.set_split({}, groups={word: f"p{n // 2}" for n, word in enumerate(WORDS)}, by="groups")
    train, test, note = split_windows(dataset, Pipeline.text("words", 2, 2))
    assert note.startswith("by groups: 4 to train and 1 to test") and test.kin is None
    _, counts = np.unique(train.kin, return_counts=True)
    assert len(counts) == 4
    split = dataset.split()
    names = [recording.name for recording, _ in split.train]
    of_group = {
        n: {WORDS.index(names[g]) // 2 for g in train.groups[train.kin == n].tolist()} for n in range(4)
    }
    assert all(len(pairs) == 1 for pairs in of_group.values())


def test_the_baseline_reads_them_too(tmp_path):
    plain, other = typed(tmp_path / "plain", bytes), typed(tmp_path / "other", bits)
    assert baseline(other).scores == baseline(plain).scores
