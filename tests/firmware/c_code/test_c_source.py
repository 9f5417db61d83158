"""Names that a library may have, and text that is safe in a comment."""

import itertools
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import ModelError
from zerotap.firmware.c_code.c_source import check_identifier, comment_text, wrapped

TRIGRAPHS = [f"??{last}" for last in "=/'()!<>-"]


@pytest.mark.parametrize("name", ["int", "restrict", "typeof", "co_await", "concept", "char8_t", "nullptr"])
def test_a_keyword_of_c_or_cpp_names_no_library(name):
    with pytest.raises(ModelError, match="no keyword"):
        check_identifier(name)


@pytest.mark.parametrize(
    "name",
    [
        "string",
        "stdio",
        "STDINT",
        "StdInt",
        "limits",
        "math",
        "Math",
        "time",
        "Arduino",
        "Wire",
        "spi",
        "print",
        *("HID", "WVariant", "CDC", "SAMD21_USBDevice", "samd21_host", "USBHost", "SDU", "sync"),
        *("HardwareI2C", "CanMsg", "Compat", "Common"),
        *("core_cmFunc", "core_cmInstr", "cmsis_compiler", "cmsis_version", "core_cm4", "samd51j20a", "saml"),
        *("line", "Vectors", "PORT", "FreeRTOS", "RP2040Support", "pico"),
        *("EEPROM", "WiFi", "WiFiNINA", "Ethernet", "RTCZero", "ArduinoBLE", "LiquidCrystal"),
    ],
)
def test_a_library_hides_no_header(name):
    with pytest.raises(ModelError, match=rf"'{name}'.*{name}\.h would hide"):
        check_identifier(name)


@pytest.mark.parametrize(
    "name", ["mood", "int8", "strings_of_mood", "stdio_model", "Wires", "m", "sample", "samoa"]
)
def test_other_names_are_taken(name):
    check_identifier(name)


@pytest.mark.system("arm-none-eabi-gcc")
def test_every_header_of_the_compiler_is_known():
    told = subprocess.run(
        ["arm-none-eabi-gcc", "-E", "-v", "-x", "c", "/dev/null"], capture_output=True, text=True, check=True
    ).stderr
    folders = re.findall(r"^ (/\S+)$", told.split("search starts here")[-1], re.MULTILINE)
    names = {header.stem for folder in folders for header in Path(folder).glob("*.h")}
    assert {"stdio", "stddef", "stdint"} <= names
    for name in names - {name for name in names if name.startswith("_")}:
        with pytest.raises(ModelError):
            check_identifier(name)


@given(st.text(st.sampled_from("?*/\\=()'<>!-é\n a")))
def test_a_comment_ends_where_it_should_and_holds_no_trigraph(text):
    safe = comment_text(text)
    assert not any(sequence in safe for sequence in ("*/", "/*", "\n", *TRIGRAPHS))


def test_a_trigraph_behind_more_question_marks_is_taken_apart():
    assert comment_text("*???/") == "*? ? ?/"


LEAST = "(-2147483647 - 1)"


@given(st.lists(st.integers(-(1 << 31), (1 << 32) - 1) | st.sampled_from((0, -(1 << 31))), max_size=300))
def test_values_of_an_initialiser_fill_lines_and_stay_what_they_are(values):
    lines = wrapped(values).split("\n") if values else []
    assert all(line.startswith("    ") and len(line) <= 100 for line in lines)
    items = [item.strip() for line in lines for item in line.removesuffix(",").split(",")]
    assert [-(1 << 31) if item == LEAST else int(item) for item in items] == values
    for line, after in itertools.pairwise(lines):
        first = after.strip().split(",")[0]
        assert len(f"{line} {first},") > 100
