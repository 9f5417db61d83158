"""Which example sketches a model gets, and that their texts are whole."""

import re
from dataclasses import replace

import pytest

from zerotap.features import Pipeline
from zerotap.features.transforms import CountWindows
from zerotap.firmware.board import BOARDS, MKR_ZERO
from zerotap.firmware.library.sketches import EXAMPLES, Sketched, example_files

NO_PIPELINE = Sketched("mood", MKR_ZERO, None, "int8_t", has_classes=True)


def behind(source: str, report_bytes: int, decimals: tuple[int, ...] = ()) -> Sketched:
    pipeline = Pipeline("drawn", (CountWindows(4, 2),), source, report_bytes, decimals)
    return replace(NO_PIPELINE, pipeline=pipeline)


def names(facts: Sketched) -> set[str]:
    return {path.split("/")[1] for path in example_files(facts)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (NO_PIPELINE, {"SerialStream"}),
        (replace(NO_PIPELINE, input_type=""), set()),
        (behind("reports", 8), {"KeyboardHost", "SerialStream"}),
        (behind("timed_reports", 8), {"KeyboardHost", "SerialStream"}),
        (behind("reports", 4), {"SerialStream"}),
        (replace(behind("reports", 8), has_classes=False), {"SerialStream"}),
        (behind("samples", 6), {"Classify", "SensorRecorder", "SerialStream"}),
        (behind("timed_frames", 4), {"Classify", "SensorRecorder", "SerialStream"}),
        (behind("samples", 26), {"Classify", "SerialStream"}),
        (behind("numbers", 8, (2, 0)), {"Classify", "SensorRecorder", "SerialStream"}),
        (behind("numbers", 8, (-1,)), {"SensorRecorder", "SerialStream"}),
        (replace(behind("samples", 6), has_classes=False), {"SensorRecorder", "SerialStream"}),
    ],
)
def test_the_examples_go_with_what_the_model_takes(facts: Sketched, expected: set[str]) -> None:
    assert names(facts) == expected


def test_a_board_gets_what_its_core_and_its_inputs_bear() -> None:
    """The Pico's core has no USBHost, and three analog inputs are free."""
    pico = BOARDS["pico"]
    assert names(replace(behind("reports", 8), board=pico)) == {"SerialStream"}
    files = example_files(replace(behind("samples", 6), board=pico))
    ports = [text for path, text in files.items() if path.endswith("port_arduino.cpp") and "PINS" in text]
    assert len(ports) == 2
    assert all("PINS[] = {A0, A1, A2};" in text for text in ports)
    four = replace(behind("samples", 8), board=pico)
    assert names(four) == {"Classify", "SerialStream"}
    assert "FROM_FRAMES 1" in example_files(four)["examples/Classify/Classify.ino"]


@pytest.mark.parametrize("source", ["samples", "timed_numbers"])
def test_a_sketch_folder_is_whole(source: str) -> None:
    facts = behind(source, 8, (0,) if "numbers" in source else ())
    for facts_of in (facts, behind("reports", 8)):
        files = example_files(facts_of)
        for path, text in files.items():
            assert "$" not in text and text.endswith("\n") and "\n\n\n" not in text
            assert max(map(len, text.splitlines())) <= 120, path
            folder = path.rpartition("/")[0]
            included = re.findall(r'#include "(.*)"', text)
            assert {f"{folder}/{file}" for file in included} <= set(files), path


def test_nothing_of_arduino_s_is_in_a_sketch_but_in_its_port() -> None:
    texts = [*example_files(behind("samples", 6)).items(), *example_files(behind("reports", 8)).items()]
    arduino = re.compile(
        r"#include <(?!mood|stdint)|\b(millis|micros|delay|digitalWrite|analogRead|Serial\d?)\(|\bnew\b"
    )
    for path, text in texts:
        code = re.sub(r"//.*", "", text)
        assert path.endswith("port_arduino.cpp") == bool(arduino.search(code)) or path.endswith("port.h"), (
            path
        )


def test_samples_are_counted_as_the_model_was_trained() -> None:
    text = example_files(behind("timed_numbers", 8, (2, 0)))["examples/Classify/samples.h"]
    assert "UNITS[CHANNELS] = {100, 1};" in text
    assert "item[0] = static_cast<int32_t>(now_ms);" in text
    assert "item[1 + channel]" in text
    plain = example_files(behind("samples", 6))["examples/Classify/samples.h"]
    assert "UNITS[CHANNELS] = {1, 1, 1};" in plain and "item[0 + channel]" in plain


def test_every_example_is_made_for_some_model() -> None:
    """SelfTest is made for all, where the words of its vectors are given."""
    made = set().union(*map(names, (behind("samples", 6), behind("reports", 8))))
    assert made == set(EXAMPLES) - {"SelfTest"}
