"""`zerotap analyse`: the table and the JSON, budgets, and the C header's figures."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zerotap.cli import cli
from zerotap.errors import DoesNotFitError
from zerotap.firmware import MKR_ZERO, find_compiler, generate, open_artefact, read_tflite
from zerotap.firmware.commands.options import Bytes
from zerotap.firmware.library.exporting import export
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.planning.analysis_table import layer_table
from zerotap.firmware.planning.plan import Planner

WIDEST = 80
BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


def analysed(*arguments: object) -> dict:
    result = run("analyse", *arguments, "--json")
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


def test_what_is_known_of_a_model_is_kept_for_its_content(
    dense_file: Path, wide_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(dense_file.read_bytes())
    one, again = open_artefact(path), open_artefact(path)
    assert one.graph is again.graph and Planner.of(one.graph) is Planner.of(again.graph)
    path.write_bytes(wide_file.read_bytes())
    assert open_artefact(path).analyse()["macs"] > one.analyse()["macs"] == analysed(dense_file)["macs"]


@pytest.mark.parametrize("way, macs", [("size", [128, 128, 16]), ("speed", [272])])
def test_the_json_is_complete_and_adds_up(dense_file: Path, way: str, macs: list[int]) -> None:
    report = analysed(dense_file, "--optimise", way)
    layers = report["layers"]
    assert [layer["macs"] for layer in layers] == macs
    for total in ("macs", "weight_bytes"):
        assert report[total] == sum(layer[total] for layer in layers)
    assert report["flash_bytes"] == report["weight_bytes"] + report["code_bytes"]
    assert report["ram_bytes"] == report["arena_bytes"] + report["stack_bytes"]
    assert report["ram_total_bytes"] == report["ram_bytes"] + report["io_bytes"]
    assert (report["flash_limit_bytes"], report["ram_limit_bytes"]) == (253_952, 32_768)
    assert report["cycles"] < report["board_cycles"] < 1.5 * report["cycles"]
    assert report["milliseconds"] == report["board_cycles"] * 1000 / MKR_ZERO.clock_hz
    # What lies between layers that are one is on the stack.
    assert (report["io_bytes"], report["arena_bytes"]) == (8 + 2, 16 + 8 if way == "size" else 0)
    assert [layer["arena_offset"] for layer in layers][-1] is None
    assert sorted([*report["exact"], *report["modelled"]]) == sorted({*report["exact"], *report["modelled"]})
    assert not set(report["exact"] + report["modelled"]) - {*report, *layers[0]}
    for layer in layers:
        kernels = [option["kernel"] for option in layer["kernels"]]
        assert layer["kernel"] in kernels
        assert layer["cycles_within"] in (0.03, 0.1)


def test_the_table_is_aligned_and_narrow(dense_file: Path) -> None:
    text = run("analyse", dense_file).stdout
    assert text.count("FULLY_CONNECTED") == 3
    lines = text.splitlines()
    assert max(map(len, lines)) <= WIDEST
    rule = len(lines[1])
    assert lines[1] == "-" * rule
    layers = [line for line in lines[2:] if re.match(r"\d ", line)]
    assert {len(line) for line in layers} == {rule}
    assert "of 253,952 B" in text
    assert re.search(r"RAM +[\d,]+ of 32,768 B", text)
    assert re.search(r"exact +MACs, weights, arena", text)


def test_optimise_and_budgets_change_the_kernels(dense_file: Path) -> None:
    fast, small = (analysed(dense_file, "--optimise", way) for way in ("speed", "size"))
    assert small["flash_bytes"] < fast["flash_bytes"]
    assert fast["cycles"] < small["cycles"]
    squeezed = analysed(dense_file, "--flash", fast["flash_bytes"] - 1)
    assert squeezed["flash_bytes"] < fast["flash_bytes"]
    assert fast["cycles"] < squeezed["cycles"] <= small["cycles"]
    assert squeezed["flash_limit_bytes"] == fast["flash_bytes"] - 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--flash", "0.5k"], r"B more flash than the budget allows \(512 B\).*FULLY_CONNECTED.*it fits"),
        (["--ram", "100"], r"B more RAM than the budget allows \(100 B\).*FULLY_CONNECTED.*it fits"),
    ],
)
@pytest.mark.parametrize("command", ["analyse", "export"])
def test_what_does_not_fit_is_named(
    dense_file: Path, tmp_path: Path, command: str, options: list[str], message: str
) -> None:
    where = ["--out", tmp_path / "out", "--name", "mood"] if command == "export" else []
    result = run(command, dense_file, *options, *where)
    assert isinstance(result.exception, DoesNotFitError)
    assert result.exception.exit_code == 3
    assert re.search(message, str(result.exception))
    assert not (tmp_path / "out").exists()


def test_the_verdict_on_ram_counts_the_callers_input_and_output(dense_file: Path) -> None:
    least = re.search(r"with ([\d,]+) B of RAM", str(run("analyse", dense_file, "--ram", 50).exception))
    assert least is not None
    total = int(least[1].replace(",", ""))
    assert analysed(dense_file, "--ram", total)["ram_total_bytes"] == total
    fitting = run("analyse", dense_file, "--ram", total)
    assert fitting.exit_code == 0
    assert f"{total:,} of {total:,} B (100.0 %)" in fitting.stdout
    short = run("analyse", dense_file, "--ram", total - 1)
    assert "needs 1 B more RAM than" in str(short.exception)


def test_what_lacks_both_memories_is_told_both_figures(dense_file: Path) -> None:
    report = analysed(dense_file, "--optimise", "size")
    message = str(run("analyse", dense_file, "--flash", "100", "--ram", "50").exception)
    figures = re.search(r"needs ([\d,]+) B more flash than .* and ([\d,]+) B more RAM than .*: its", message)
    assert figures is not None, message
    assert int(figures[1].replace(",", "")) <= report["flash_bytes"]
    fits = re.search(r"fits with ([\d,]+) B of flash and ([\d,]+) B of RAM", message)
    assert fits is not None, message
    assert analysed(dense_file, "--flash", fits[1].replace(",", ""), "--ram", fits[2].replace(",", ""))
    alone = str(run("analyse", dense_file, "--ram", "50").exception)
    assert re.search(r"more RAM than .*, beside [\d,]+ B of flash: ", alone), alone


def test_what_would_fit_does(dense_file: Path) -> None:
    message = str(run("analyse", dense_file, "--flash", "100", "--ram", "10k").exception)
    needed = re.search(r"with ([\d,]+) B of flash", message)
    assert needed is not None, message
    assert analysed(dense_file, "--flash", needed[1].replace(",", ""))["layers"]


@pytest.mark.parametrize(
    ("text", "size"), [("64k", 65536), ("65536", 65536), ("1.5K", 1536), ("8 KiB", 8192), ("1m", 1 << 20)]
)
def test_sizes(text: str, size: int) -> None:
    assert Bytes().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "0", "-1", "64q", "k", "nan", "0.2"])
def test_what_is_no_size_is_refused(dense_file: Path, text: str) -> None:
    assert run("analyse", dense_file, "--flash", text).exit_code == 2


@pytest.mark.parametrize("compiler", BOTH)
def test_an_export_says_the_flash_that_was_linked(dense_file: Path, tmp_path: Path, compiler: str) -> None:
    library = export(dense_file, tmp_path / "out", "mood", BuildOptions(compiler=compiler), bare=True)
    header = (tmp_path / "out" / "mood.h").read_text()
    assert f"#define mood_FLASH_BYTES {library.report['flash_bytes']}\n" in header
    assert f"linked by {find_compiler(compiler).name}." in header
    plain = generate(read_tflite(dense_file), "mood")
    estimate = analysed(dense_file)["flash_bytes"]
    assert f"an estimate, not linked. */\n#define mood_FLASH_BYTES {estimate}\n" in plain["mood.h"]
    source = (tmp_path / "out" / "mood.c").read_text()
    # An export's files begin with their licence, and its runtime's names carry a hash.
    assert re.sub(r"(zerotap_\w+)_[0-9a-f]{8}\b", r"\1", source.partition("\n")[2]) == plain["mood.c"]


def test_long_names_take_several_lines(dense_file: Path) -> None:
    report = analysed(dense_file)
    long = "UNIDIRECTIONAL_SEQUENCE_LSTM+MAX_POOL_2D"
    kernel = "one, two, a_kernel_with_a_long_name"
    report["layers"][0] |= {"operator": long, "kernel": kernel, "macs": 10**7}
    report["layers"][0] |= {"input_shapes": [[1, 1024, 64], [1, 64]], "output_shape": [1, 100, 10]}
    lines = layer_table(report)
    assert max(map(len, lines)) <= WIDEST
    at = [lines[0].index(heading) for heading in ("operator", "shape")]
    cells = [line[at[0] : at[1]].rstrip() for line in lines[2:9]]
    assert "".join(cell for cell in cells if not cell.startswith(" ")).startswith(long)
    assert [cell.strip() for cell in cells if cell.startswith("  ")] == [
        "one, two,",
        "a_kernel_with_",
        "a_long_name",
    ]
    shapes = [line[at[1] : at[1] + 11].strip() for line in lines[2:6]]
    assert "".join(shapes) == "1024x64+64 >100x10"


def test_the_whole_report_fits_80_columns(dense_file: Path) -> None:
    lines = run("analyse", dense_file).stdout.splitlines()
    assert max(map(len, lines)) <= WIDEST


def test_a_folder_is_analysed_by_its_tflite(dense_file: Path, tmp_path: Path) -> None:
    result = run("analyse", tmp_path)
    assert "zerotap quantise" in str(result.exception)
    (tmp_path / "model.tflite").write_bytes(dense_file.read_bytes())
    assert analysed(tmp_path)["cycles"] == analysed(dense_file)["cycles"]
    assert f"Next: zerotap verify {tmp_path} --dataset DIR" in run("analyse", tmp_path).stderr
    assert run("analyse", tmp_path, "--quiet").stderr == ""
    assert run("analyse", tmp_path, "--board", "xiao").stderr.endswith("--dataset DIR --board xiao\n")


def test_cycles_that_depend_on_the_input_are_said_to(wide_file: Path, dense_file: Path) -> None:
    note = "inputs without any zero"
    assert note in run("analyse", wide_file, "--skip-zeros").stdout
    assert note not in run("analyse", wide_file).stdout
