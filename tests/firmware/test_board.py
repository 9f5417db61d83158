"""Boards are rows of one table, and nothing else states their numbers."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import zerotap
from zerotap.cli import cli
from zerotap.errors import DoesNotFitError, ModelError
from zerotap.firmware.board import BOARDS, MKR_ZERO, Board, FlashCache, find_board
from zerotap.firmware.generation.model_code import generate
from zerotap.firmware.options import Budget, BuildOptions
from zerotap.firmware.planning.analysis import analyse
from zerotap.firmware.planning.plan import plan
from zerotap.firmware.simulation.program import build_model
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.verification import verify

ROOT = Path(zerotap.__file__).parent
NUMBERS = r"48_000|48 MHz|48 \* 1|253_?952|32_?768\b.*(RAM|ram)|0x2000\b|0x2000_0000|262_?144|MKR|SAMD21|D14"
COMMANDS = ["analyse", "verify", "export", "compare", "demo"]
# Half the memory at other places, and a slower clock: no such board is made.
OTHER = Board(
    name="another board",
    chip="X",
    core="Cortex-M0+",
    clock_hz=8_000_000,
    flash_origin=0x1_0000,
    flash_bytes=0x8000,
    ram_origin=0x2000_4000,
    ram_bytes=0x1000,
    flash_cache=FlashCache(lines=4, line_bytes=16, wait_states=0),
    architecture="x",
    fqbn="x:x:x",
    serial_pin="D0",
    url="https://example.org/board",
)


def test_nothing_else_states_a_boards_numbers() -> None:
    sources = [*ROOT.glob("firmware/**/*.py"), *ROOT.glob("models/**/*.py"), *ROOT.glob("workflow/*.py")]
    templates = [*ROOT.glob("firmware/library/arduino/**/*"), *ROOT.glob("firmware/simulation/harness/*")]
    sources += [path for path in templates if path.is_file()]
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sources
        if path.name != "board.py" and "simulation/board/" not in path.as_posix()  # which models one chip
        for line in path.read_text().splitlines()
        if re.search(NUMBERS, line) and "MKR_ZERO" not in line
    ]
    assert found == []


@pytest.mark.parametrize("name", [name for name in BOARDS if name != "pico"])
def test_every_other_row_is_a_samd21_behind_its_bootloader(name: str) -> None:
    board = find_board(name)
    assert (board.chip, board.core, board.architecture) == ("SAMD21G18A", "Cortex-M0+", "samd")
    assert board.flash_origin + board.flash_bytes == 256 * 1024
    assert board.milliseconds(board.clock_hz) == 1000
    assert board.fqbn.count(":") == 2


def test_the_pico_s_row_is_as_its_sources_say() -> None:
    board = find_board("pico")
    assert (board.chip, board.core, board.architecture) == ("RP2040", "Cortex-M0+", "rp2040")
    assert board.flash_origin + board.flash_bytes == 0x1000_0000 + 2 * 1024 * 1024 - 4096
    assert (board.ram_bytes, board.clock_hz) == (256 * 1024, 133_000_000)


@pytest.mark.parametrize("compiler", ["zig", pytest.param("gcc", marks=pytest.mark.system)])
def test_the_pico_computes_the_same_bits_from_its_ram(dense_file: Path, dense_samples, compiler: str) -> None:
    pico = find_board("pico")
    usual, there = (verify(dense_file, dense_samples, BuildOptions(b, compiler)) for b in (MKR_ZERO, pico))
    in_ram = verify(dense_file, dense_samples, BuildOptions(MKR_ZERO, compiler, code="ram"))
    assert usual.mismatches == there.mismatches == 0
    assert np.array_equal(usual.outputs, there.outputs)
    assert there.cycles == in_ram.cycles != usual.cycles
    assert there.ram_bytes == in_ram.ram_bytes > usual.ram_bytes
    assert there.ms == there.cycles / 133_000
    assert "cache before its flash is not modelled" in there.report["board_note"]
    assert "board_note" not in usual.report


def test_a_slow_multiplier_is_refused_with_the_reason() -> None:
    with pytest.raises(ModelError, match=r"another board: the X's multiplier takes 32 cycles; .*takes 1"):
        replace(OTHER, multiplier_cycles=32)


def test_one_table_of_every_board(dense_file: Path) -> None:
    result = CliRunner().invoke(cli, ["analyse", str(dense_file), "--board", "all"])
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["board", *BOARDS, "RP2040:"]
    told = CliRunner().invoke(cli, ["analyse", str(dense_file), "--board", "all", "--json"])
    reports = json.loads(told.stdout)["boards"]
    assert [each["name"] for each in reports] == list(BOARDS)
    for each in reports:
        alone = analyse(plan(read_tflite(dense_file), BuildOptions(find_board(each["name"]))))
        assert {key: alone[key] for key in alone.keys() & each.keys()} == {
            key: each[key] for key in alone.keys() & each.keys()
        }
        assert each["fits"]


def test_a_model_that_fits_no_board_ends_with_3(dense_file: Path) -> None:
    result = CliRunner().invoke(cli, ["analyse", str(dense_file), "--board", "all", "--flash", "100"])
    assert isinstance(result.exception, DoesNotFitError)  # exit code 3
    assert all(line.endswith("no") for line in result.stdout.splitlines()[1:-1])
    refused = CliRunner().invoke(cli, ["analyse", str(dense_file), "--board", "all", "--curve"])
    assert (refused.exit_code, "--curve is of one board" in refused.output) == (2, True)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"'uno': choose one of mkrzero, zero, .*xiao, pico"):
        find_board("uno")
    for command in COMMANDS:
        result = CliRunner().invoke(cli, [command, "x", "--board", "uno"])
        assert result.exit_code == 2
        assert "nano33iot" in result.output


def test_a_board_s_name_alone_is_refused_with_the_way_to_it() -> None:
    with pytest.raises(ModelError, match="find_board"):
        BuildOptions(board="zero")  # type: ignore[arg-type]


def test_the_options_refuse_what_is_unknown() -> None:
    with pytest.raises(ModelError, match="speed, size"):
        BuildOptions(optimise="fast")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="tflite, tflm"):
        BuildOptions(oracle="onnx")  # type: ignore[arg-type]


def test_the_budget_is_the_boards_unless_given(dense_file: Path) -> None:
    assert BuildOptions(board=OTHER).limits == Budget(0x8000, 0x1000, "the another board has")
    assert BuildOptions(board=OTHER, budget=Budget(1, 2)).limits == Budget(1, 2)
    planned_for = analyse(plan(read_tflite(dense_file), BuildOptions(board=OTHER)))
    assert planned_for["flash_limit_bytes"] == 0x8000
    assert planned_for["clock_hz"] == 8_000_000
    assert planned_for["milliseconds"] == planned_for["cycles"] / 8_000  # its flash does not wait
    assert planned_for["board_cycles"] == planned_for["cycles"]


def test_another_boards_program_runs_in_its_own_memory(dense_file: Path, dense_samples) -> None:
    graph = read_tflite(dense_file)
    program = build_model(generate(graph, "model"), "int8", 8, 2, find_compiler("zig"), board=OTHER)
    assert program.board is OTHER
    assert all(OTHER.flash_origin <= address < OTHER.flash_origin + 0x8000 for address, _ in program.segments)
    assert OTHER.ram_origin <= program.symbols["harness_input"] < OTHER.ram_origin + OTHER.ram_bytes
    assert Simulator(program).call("main").cycles > 0
    on = {board: verify(dense_file, dense_samples, BuildOptions(board, "zig")) for board in (OTHER, MKR_ZERO)}
    assert on[OTHER].mismatches == 0
    assert on[OTHER].cycles == on[MKR_ZERO].cycles
    assert on[OTHER].ms == on[OTHER].cycles / 8_000
    assert on[MKR_ZERO].ms == on[MKR_ZERO].on_board.cycles / 48_000 > on[MKR_ZERO].cycles / 48_000
    assert on[OTHER].report["board"] == "another board"


def test_an_export_names_its_board(dense_file: Path, tmp_path: Path) -> None:
    arguments = ["export", dense_file, "--out", tmp_path / "lib", "--name", "mood", "--compiler", "zig"]
    result = CliRunner().invoke(cli, list(map(str, [*arguments, "--board", "xiao"])))
    assert result.exit_code == 0, result.output
    assert "Seeed XIAO SAMD21" in (tmp_path / "lib" / "library.properties").read_text()
    assert "TX is D6," in (tmp_path / "lib/examples/SelfTest/SelfTest.ino").read_text()
    assert "--fqbn Seeeduino:samd:seeed_XIAO_m0" in result.stderr


def test_options_show_what_was_chosen_and_take_boards_alone() -> None:
    assert repr(BuildOptions()) == "BuildOptions()"
    chosen = BuildOptions(find_board("xiao"), optimise="size")
    assert repr(chosen) == "BuildOptions(board=Board('Seeed XIAO SAMD21'), optimise='size')"
    with pytest.raises(ModelError, match=r"find_board\('zero'\)"):
        BuildOptions(board="zero")  # type: ignore[arg-type]


def test_the_page_about_boards_has_every_row() -> None:
    page = (ROOT / "docs" / "board.md").read_text()
    listed = dict(re.findall(r"^\| `(\w+)`.* \| (.+) \|$", page, re.MULTILINE))
    assert listed == {name: board.name for name, board in BOARDS.items()}
