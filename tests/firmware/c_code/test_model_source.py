"""A .tflite as C source and back: the same bytes, compiled by C and by C++."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import ModelError, OutputError
from zerotap.firmware.c_code.model_source import MODEL_SUFFIXES, convert_model, model_as_c
from zerotap.firmware.tflite.c_array import model_in_c

CONTENT = b"\x1c\x00\x00\x00TFL3" + bytes(range(256))
USER = """
#include <stdint.h>
{include}
int main(void)
{{
    unsigned sum = 0;
    for (unsigned at = 0; at < net_len; at++) sum += net[at];
    return (uintptr_t)net % 16 != 0 || net_len != sizeof net || sum != {sum}u;
}}
"""


@given(tail=st.binary(max_size=40), suffix=st.sampled_from(MODEL_SUFFIXES[1:]))
def test_what_is_written_is_read_again(tail, suffix):
    content = CONTENT[:8] + tail
    assert model_in_c(model_as_c(content, "net", f"net{suffix}").encode(), "net.h") == content


@pytest.mark.parametrize("suffix", MODEL_SUFFIXES)
def test_there_and_back(tmp_path, suffix):
    (tmp_path / "a.tflite").write_bytes(CONTENT)
    assert convert_model(tmp_path / "a.tflite", tmp_path / f"my-net{suffix}") == ("my_net", CONTENT)
    assert convert_model(tmp_path / f"my-net{suffix}", tmp_path / "b.tflite")[1] == CONTENT
    assert (tmp_path / "b.tflite").read_bytes() == CONTENT


def test_an_array_keeps_its_name_or_is_given_one(tmp_path):
    (tmp_path / "a.tflite").write_bytes(CONTENT)
    assert convert_model(tmp_path / "a.tflite", tmp_path / "a.h", "g_model")[0] == "g_model"
    assert convert_model(tmp_path / "a.h", tmp_path / "b.cc")[0] == "g_model"
    (tmp_path / "two.h").write_bytes(
        (tmp_path / "a.h").read_bytes() + model_as_c(CONTENT, "b", "b.h").encode()
    )
    assert convert_model(tmp_path / "two.h", tmp_path / "c.h", "b") == ("b", CONTENT)


@pytest.mark.parametrize(
    ("source", "target", "array", "message"),
    [
        ("a.tflite", "a.txt", None, r"a\.txt: a model is written as one of \.tflite"),
        ("a.tflite", "1st.h", None, "'1st' cannot name an array in C; give another with --array"),
        ("a.tflite", "a.h", "int", "'int' cannot name an array"),
        ("a.txt", "a.h", None, r"a\.txt: not a \.tflite file"),
        ("none.h", "a.tflite", None, r"none\.h: cannot be read"),
    ],
)
def test_what_cannot_be_converted(tmp_path, source, target, array, message):
    (tmp_path / "a.tflite").write_bytes(CONTENT)
    (tmp_path / "a.txt").write_text("a,b\n1,2\n")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ModelError, match=message):
        convert_model(tmp_path / source, tmp_path / target, array)
    assert sorted(tmp_path.iterdir()) == before


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "a.tflite").write_bytes(CONTENT)
    (tmp_path / "a.h").write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        convert_model(tmp_path / "a.tflite", tmp_path / "a.h")
    with pytest.raises(OutputError, match="itself"):
        convert_model(tmp_path / "a.tflite", tmp_path / "a.tflite")


def _compile(folder: Path, language: str, *sources: str) -> int:
    """Compile as C or C++ without a warning, and run."""
    command = [sys.executable, "-m", "ziglang", "cc"]  # its c++ would compile a C++ library first
    flags = ["-Wall", "-Wextra", "-Werror", "-x", language, "-o", "main"]
    subprocess.run([*command, *flags, *sources], cwd=folder, check=True)
    return subprocess.run([folder / "main"]).returncode


def test_a_header_is_compiled_twice_over(tmp_path):
    (tmp_path / "net.h").write_text(model_as_c(CONTENT, "net", "net.h"))
    user = USER.format(include='#include "net.h"\n#include "net.h"', sum=sum(CONTENT))
    (tmp_path / "main.c").write_text(user)
    assert _compile(tmp_path, "c", "main.c") == 0


def test_a_source_of_cpp_is_seen_from_others(tmp_path):
    (tmp_path / "net.cc").write_text(model_as_c(CONTENT, "net", "net.cc"))
    declared = (
        f'extern "C" {{ extern const unsigned char net[{len(CONTENT)}]; extern const unsigned net_len; }}'
    )
    (tmp_path / "main.cc").write_text(USER.format(include=declared, sum=sum(CONTENT)))
    assert _compile(tmp_path, "c++", "net.cc", "main.cc") == 0
