"""C that holds a .tflite: every way of writing the bytes, and what is damaged or ambiguous."""

import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import ModelError
from zerotap.firmware.tflite.c_array import array_in_c, looks_like_c, model_in_c, read_c_array

CONTENT = b"\x1c\x00\x00\x00TFL3" + bytes(range(256)) + b"\x00"


def hexadecimal(content: bytes) -> str:
    return ", ".join(f"0x{byte:02X}" for byte in content)


def decimal(content: bytes) -> str:
    return ",".join(map(str, content))


def character(byte: int) -> str:
    """A character literal: itself, or an escape."""
    named = {10: "\\n", 0: "\\0", 39: "\\'", 92: "\\\\"}
    printable = chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}"
    return f"'{named.get(byte, printable)}'"


FORMS = {
    "xxd": f"unsigned char m[] = {{\n  {hexadecimal(CONTENT)}\n}};\nunsigned int m_len = {len(CONTENT)};\n",
    "tinymlgen": (
        "#pragma once\n#ifdef __has_attribute\n#define HAVE_ATTRIBUTE(x) __has_attribute(x)\n#endif\n"
        f"const unsigned char m[] DATA_ALIGN_ATTRIBUTE = {{ {hexadecimal(CONTENT)} }};\n"
        f"const int m_len = {len(CONTENT)};"
    ),
    "alignas": f"alignas(16) const uint8_t m[{len(CONTENT)}] = {{ {decimal(CONTENT)}, }};",
    "attribute": f"static const unsigned char m[] __attribute__((aligned(8))) = {{{hexadecimal(CONTENT)}}};",
    "signed": "const int8_t m[] = {" + decimal(np.frombuffer(CONTENT, np.int8)) + "};",
    "octal": "char m[] = {" + ",".join(f"0{byte:o}" for byte in CONTENT) + "};",
    "suffixes": "const unsigned char m[] = {" + ",".join(f"{byte}u" for byte in CONTENT) + "};",
    "comments": (
        "/* unsigned char old[] = { 0x1c, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33 }; */\n"
        f"const unsigned char m[] = {{ // {{ bytes\n{hexadecimal(CONTENT)} /* end */ }};"
    ),
    "among others": (
        f"const float mean[3] = {{0.5, 1e-3f, 2}};\nconst unsigned char m[] = {{{hexadecimal(CONTENT)}}};\n"
        'const char *names[] = {"a", "b"};\nunsigned char icon[] = {1, 2, 3, 4, 5, 6, 7, 8};'
    ),
    "DATA_ALIGN_ATTRIBUTE": (
        '#include "model.h"\n// We need to keep the data array aligned: it\'s read in words.\n'
        "#ifdef __has_attribute\n#define HAVE_ATTRIBUTE(x) __has_attribute(x)\n#else\n"
        "#define HAVE_ATTRIBUTE(x) 0\n#endif\n"
        "#define DATA_ALIGN_ATTRIBUTE \\\n  __attribute__((aligned(4)))\n"
        "extern const unsigned char m[];\nextern const int m_len;\n"
        f"const unsigned char m[] DATA_ALIGN_ATTRIBUTE = {{\n{hexadecimal(CONTENT)}}};\n"
        f"const int m_len = {len(CONTENT)};\n"
    ),
    "characters": "const char m[] = {" + ", ".join(map(character, CONTENT)) + "};",
    "binary": "const unsigned char m[] = {" + ",".join(f"0b{byte:08b}" for byte in CONTENT) + "};",
    "casts": "const int8_t m[] = {" + ",".join(f"(int8_t)0x{byte:x}" for byte in CONTENT) + "};",
    "PROGMEM": (
        "void setup() { Serial.begin(9600); if (1) { run(); } }\n"
        f"static const uint8_t m[] PROGMEM = {{{decimal(CONTENT)}}};\nvoid loop() {{}}\n}} /* and"
    ),
    "namespace": f'extern "C" {{ namespace net {{ const unsigned char m[] = {{{decimal(CONTENT)}}}; }} }}',
    "without =": f"constexpr unsigned char m[]{{{decimal(CONTENT)}}};",
    "std::array": f"constexpr std::array<uint8_t, {len(CONTENT)}> m = {{{{{decimal(CONTENT)}}}}};",
    "a size by name": f"const unsigned char m[MODEL_SIZE + 1] = {{{decimal(CONTENT)}}};",
    "a length in hexadecimal": f"char m[] = {{{decimal(CONTENT)}, 7}}; int m_size = {len(CONTENT):#x}U;",
    "text like a comment": (
        f'const char *page = "http://a/*"; const unsigned char m[] = {{{decimal(CONTENT)}}}; char c = \'"\';'
    ),
    "left out": (
        f"#if 0\n#if X\nchar old[] = {{{decimal(CONTENT)}}};\n#endif\n#else\n"
        f"char m[] = {{{decimal(CONTENT)}}};\n#endif\n"
        f"#if 1\n#else\nchar n[] = {{{decimal(CONTENT)}}};\n#endif"
    ),
    "twice the same": (
        f"#ifdef ARM\nalignas(8) char m[] = {{{decimal(CONTENT)}}};\n"
        f"#else\nchar m[] = {{{hexadecimal(CONTENT)}}};\n#endif"
    ),
    "old newlines": f"// old\rchar m[] = {{{decimal(CONTENT)}}};\r",
    "a macro": "#define BYTES \\\n"
    + ",\\\n".join(map(str, CONTENT))
    + "\nchar old[] = {BYTES};\n"
    + "const char m[] = {\\\n"
    + ", \\\n".join(map(str, CONTENT))
    + "};",
    "parentheses": "char m[] = {" + ",".join(f"( 0x{byte:02x})" for byte in CONTENT) + "};",
    "a comment that goes on": (
        f"// \\\nchar n[] = {{{decimal(CONTENT)}}};\nchar m[] = {{{decimal(CONTENT)}}};"
    ),
    "closing NULs": f"char m[] = {{{hexadecimal(CONTENT + bytes(99))}}};\nint m_len = {len(CONTENT)};",
    "closing NUL": f"unsigned char m[] = {{{hexadecimal(CONTENT)}, 0x00}};\nint m_len = {len(CONTENT)};",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_way_of_writing_the_bytes(form, tmp_path):
    (tmp_path / "m.h").write_text(FORMS[form])
    assert read_c_array(tmp_path / "m.h") == CONTENT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("int main(void) { return 0; }", r"no array in it holds a \.tflite"),
        ("", r"no array in it holds a \.tflite"),
        ("unsigned char m[] = {0x54, 0x46, 0x4c, 0x33};", r"no array in it holds a \.tflite"),
        ("unsigned char m[] = {0, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33, 1,", r"get it again if it was cut"),
        (
            f"char one[] = {{{decimal(CONTENT)}}}; char two[] = {{{decimal(CONTENT)}}};",
            r"several models \(one, two\); choose one with --array one",
        ),
        (
            f"#ifdef A\nchar m[] = {{{decimal(CONTENT)}}};\n"
            f"#else\nchar m[] = {{{decimal(CONTENT)}, 1}};\n#endif",
            "2 different models called m",
        ),
        (f"char m[] = {{{decimal(CONTENT)}, 09}};", "element 265 of m is '09', no byte"),
        (f"char m[] = {{{decimal(CONTENT)}, -129}};", "element 265 of m is '-129', no byte"),
        (f"char m[] = {{{decimal(CONTENT)}, 256}};", "element 265 of m is '256', no byte"),
        (f"char m[] = {{{decimal(CONTENT)}, x}};", "element 265 of m is 'x', no byte"),
        (f"char m[300] = {{{decimal(CONTENT)}}};", "m has 265 bytes of 300, the file is cut off"),
        (f"char m[] = {{{decimal(CONTENT)}}}; int m_len = 266;", "265 bytes of 266"),
        (f"char m[] = {{{decimal(CONTENT)}}}; int m_len = 200;", "265 bytes, and .* that they are 200"),
        (f"char m[0] = {{{decimal(CONTENT)}}};", "265 bytes, and .* that they are 0; correct that length"),
    ],
)
def test_what_is_no_array_of_one_model(text, message, tmp_path):
    (tmp_path / "m.h").write_text(text)
    with pytest.raises(ModelError, match=rf"m\.h: .*{message}"):
        read_c_array(tmp_path / "m.h")


def test_one_of_several_models_is_chosen():
    text = f"char one[] = {{{decimal(CONTENT)}}}; char two[] = {{{decimal(CONTENT + b'more')}}}; char c[1];"
    assert array_in_c(text.encode(), "m.h", "two") == ("two", CONTENT + b"more")
    with pytest.raises(ModelError, match=r"m\.h: has no array c that holds a \.tflite; it has one, two: "):
        array_in_c(text.encode(), "m.h", "c")


def test_source_in_utf_16_as_powershell_redirects_it():
    assert model_in_c(FORMS["xxd"].encode("utf-16"), "m.h") == CONTENT


@pytest.mark.parametrize("form", ["xxd", "tinymlgen", "alignas", "attribute", "PROGMEM"])
def test_source_is_known_without_its_suffix(form):
    assert looks_like_c("m.txt", FORMS[form].encode())
    assert not looks_like_c("m.txt", b"timestamp,acc\n1,[2]\n")


def test_a_missing_file(tmp_path):
    with pytest.raises(ModelError, match=r"none\.h: cannot be read"):
        read_c_array(tmp_path / "none.h")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a" * 1_000_000, "no array"),
        ("\n" * 1_000_000, "no array"),
        ("/*" * 500_000, "no array"),
        ("a[" + " " * 1_000_000 + "x", "no array"),
        ("a[]" + " " * 1_000_000, "no array"),
        ("a[]b" * 250_000, "no array"),
        ("a b=" * 250_000 + "{", "no array"),
        ("m_len = " * 120_000, "no array"),
        ("{" * 500_000, "no array"),
        ('"' + '\\"' * 500_000, "no array"),
        ("'" * 1_000_000, "no array"),
        ("#if\n" * 250_000, "no array"),
        ("#\\\n" * 250_000, "no array"),
        ("a=1;" * 250_000, "no array"),
        ("x y " * 250_000 + "{", "no array"),
        (f"char m[] = {{{decimal(CONTENT)}, {'9' * 500_000}}};", "is '99999999999999999999', no byte"),
        (f"char m[] = {{{decimal(CONTENT)}}}; int m_len = {'9' * 5000};", "the file is cut off"),
        (f"char m[{'9' * 5000}] = {{{decimal(CONTENT)}}};", ""),
    ],
    ids=lambda value: value[:8],
)
def test_a_hostile_text_takes_time_in_proportion(text, message):
    started = time.process_time()
    try:
        content = model_in_c(text.encode(), "m.h")
    except ModelError as error:
        assert message and message in str(error)
    else:
        assert not message and content == CONTENT
    assert time.process_time() - started < 1.5  # each took from six seconds to hours


def test_memory_follows_the_text(tmp_path):
    path = tmp_path / "m.h"
    path.write_text("char m[] = {" + "1," * 500_000 + "};")
    tracemalloc.start()
    with pytest.raises(ModelError, match="no array"):
        read_c_array(path)
    path.write_text(f"char m[] = {{{decimal(CONTENT)}," + "1," * 500_000 + "};")
    assert len(read_c_array(path)) == len(CONTENT) + 500_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * path.stat().st_size


def test_a_device_without_end_is_refused():
    with pytest.raises(ModelError, match="/dev/zero: it begins with zeros"):
        read_c_array(Path("/dev/zero"))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("arrays") / "m.h"


@given(cut=st.integers(0, len(FORMS["xxd"])), noise=st.text(max_size=3))
def test_a_text_cut_anywhere_is_read_whole_or_refused(scratch, cut, noise):
    scratch.write_text(FORMS["xxd"][:cut] + noise, "utf-8")
    try:
        content = read_c_array(scratch)
    except ModelError:
        return
    assert content == CONTENT or cut > FORMS["xxd"].index("_len")
