"""Assembly that runs from RAM: what can move, and what its text becomes."""

import re

from zerotap.firmware.c_code.code_in_ram import can_move, moved
from zerotap.firmware.c_code.runtime_library import assembly_texts, is_assembly, runtime_files


def test_what_calls_or_is_called_by_assembly_stays() -> None:
    """A veneer may change r12, which assembly may hold across its own calls."""
    assert not can_move("zerotap_depthwise_words")
    assert not can_move("zerotap_depthwise_sums")
    assert can_move("zerotap_scale_sums") and can_move("zerotap_sums_dot")


def test_c_stays() -> None:
    assert not is_assembly("zerotap_move") and not can_move("zerotap_move")


def test_nothing_that_moves_calls_anything() -> None:
    for name, text in assembly_texts().items():
        if can_move(name):
            assert not re.search(r"^\s+bl\s+[a-z_]", text, re.MULTILINE), name


def test_a_function_alone_in_its_file_moves_with_it() -> None:
    files = runtime_files(["zerotap_column_sums", "zerotap_max_sums"])
    result = moved(files, {"zerotap_column_sums"})
    assert '.section .data.zerotap_column_sums, "aw", %progbits' in result["zerotap_column_sums.S"]
    assert {name for name in result if result[name] != files.get(name)} == {"zerotap_column_sums.S"}


def test_a_body_that_others_include_moves_for_one_alone() -> None:
    files = runtime_files(["zerotap_sums_dot_16", "zerotap_sums_dot_64"])
    result = moved(files, {"zerotap_sums_dot_16"})
    assert '#include "zerotap_sums_dot_run_ram.h"' in result["zerotap_sums_dot_16.S"]
    assert '.section .data.FUNCTION, "aw", %progbits' in result["zerotap_sums_dot_run_ram.h"]
    for kept in ("zerotap_sums_dot_64.S", "zerotap_sums_dot_run.h"):
        assert result[kept] == files[kept]


def test_nothing_moves_unless_it_is_named() -> None:
    files = runtime_files(["zerotap_sums_dot_16"])
    assert moved(files, ()) == files
