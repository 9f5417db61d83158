"""Pictures of recordings, in numbers."""

from dataclasses import replace

import numpy as np
import pytest

from zerotap.capture import Dataset, Packet, Recording, generate_corpus, type_corpus
from zerotap.features import sensor_pipeline
from zerotap.models import picture_of_reports, picture_of_samples
from zerotap.models.comparing.projection import MOST_COLUMNS


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return type_corpus(
        generate_corpus(4, 0), tmp_path_factory.mktemp("typed") / "moods", seed=0, synthetic=True
    )


def test_a_keyboards_picture_tells_no_key(typed: Dataset) -> None:
    (_, recording), *_ = typed.load_all(typed.checked_entries())
    found = picture_of_reports(recording, 1, shows_values=False)
    assert found is not None and (found.form, found.index, found.recording) == ("reports", 1, recording.name)
    assert {value for row in found.rows for value in row} == {0, 1}
    assert len(found.rows) == 8 and len(found.times_s) == min(MOST_COLUMNS, len(recording))
    assert found.times_s[0] == 0 and list(found.times_s) == sorted(found.times_s)
    shown = picture_of_reports(recording, 1, shows_values=True)
    assert shown is not None and max(shown.rows[2]) > 3
    told = [[int(value != 0) for value in row] for row in shown.rows]
    assert told == [list(row) for row in found.rows]


def test_a_signal_is_in_its_own_unit() -> None:
    values = np.arange(1_200).reshape(600, 2) / 4 - 20
    sent = [f"{one:.2f} {other:.2f}\n".encode() for one, other in values.tolist()]
    packets = [Packet(number * 10_000_000, 0x83, data) for number, data in enumerate(sent)]
    recording = replace(Recording.from_packets(packets, name="walk"), transfer="bulk")
    found = picture_of_samples(recording, 0, sensor_pipeline("conv", [(recording, 0)]))
    assert found is not None and (found.form, len(found.rows)) == ("samples", 2)
    assert pytest.approx(values[:MOST_COLUMNS]) == np.array(found.rows).T
    assert found.times_s[100] == pytest.approx(1.0, rel=0.01)
