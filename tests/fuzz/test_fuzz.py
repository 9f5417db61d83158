"""Every reader of bytes that strangers send: what it promises to raise, and nothing else, in bounded time."""

from itertools import islice

import fuzz_c_arrays
import fuzz_captures
import fuzz_hid_descriptors
import fuzz_integer_models
import fuzz_pipelines
import fuzz_sensor_files
import fuzz_serial_frames
import pytest
from fuzz_driver import Target, fuzz, with_table
from seeds import FIRST_SEED

from zerotap.features import INTEGER_MODELS

# In all 20,000, the dear ones less often.
COUNTS = {
    fuzz_c_arrays: 5800,
    fuzz_hid_descriptors: 6000,
    fuzz_sensor_files: 4000,
    fuzz_captures: 2500,
    fuzz_serial_frames: 1000,
    fuzz_pipelines: 500,
    fuzz_integer_models: 200,
}


@pytest.mark.drawn
@pytest.mark.parametrize("command", COUNTS, ids=lambda command: command.TARGET.name)
def test_mutated_inputs_are_read_or_refused(command):
    for data in command.TARGET.corpus():
        assert command.TARGET.fault(data) == ""
    number, faults = fuzz(command.TARGET, FIRST_SEED, COUNTS[command], None)
    assert (number, faults) == (COUNTS[command], [])


def test_every_kind_of_integer_model_is_in_the_corpus():
    assert {model.file_name for model in fuzz_integer_models.models()} == set(INTEGER_MODELS)


def test_there_are_20_000():
    assert sum(COUNTS.values()) == 20_000


def test_a_fault_is_found_and_the_same_seed_gives_the_same_inputs():
    def run(data: bytes) -> None:
        if b"\xff" in data:
            raise KeyError(data)
        if len(data) < 4:
            raise ValueError

    target = Target("own", run, lambda: [b"whole", b"another"], (ValueError,))
    number, faults = fuzz(target, 0, 300, None)
    assert number == 300 and faults and all(b"\xff" in data for data in faults)
    assert list(islice(target.inputs(5), 50)) == list(islice(target.inputs(5), 50))
    assert list(islice(target.inputs(5), 50)) != list(islice(target.inputs(6), 50))


def test_the_table_takes_the_place_of_the_one_before():
    results = {"a b": {"executions": 12345, "faults": 0, "date": "2026-01-02"}}
    once = with_table("before\n<!-- results -->\nold\n<!-- end -->\nafter", results)
    assert "| a b | 12,345 | 0 | 2026-01-02 |" in once and "old" not in once and once.endswith("\nafter")
    assert with_table(once, results) == once
