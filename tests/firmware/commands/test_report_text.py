"""What a person sees of a report: figures in one column, the next command that can be typed as it is."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from zerotap.cli import cli
from zerotap.errors import ModelError
from zerotap.firmware import BuildOptions, analyse, plan, random_inputs, read_tflite
from zerotap.firmware.commands.options import Bytes, chosen_options
from zerotap.firmware.commands.report_text import report_lines
from zerotap.firmware.planning.analysis_table import summary
from zerotap.firmware.tflite.writer import rename_ends
from zerotap.isolation import DEFAULT_LIMITS

SHAPE = (1, 4)


@pytest.mark.parametrize("key", ["ms", "input_context_zero_point"])
def test_figures_stand_in_one_column(key: str) -> None:
    lines = report_lines({"samples": 1_000, key: 7, "constant_time": True})
    assert len({len(line) - len(line.split()[-1]) for line in lines}) == 1
    assert [line.split()[-1] for line in lines] == ["1,000", "7", "yes"]


def _adding(tflite_writer, dtype: str, output: int) -> bytes:
    """Two tensors and their sum."""
    tensor, model, write_tflite = tflite_writer
    codes = (0.5, 0) if dtype == "int8" else ((), ())
    tensors = [tensor(SHAPE, dtype, *codes) for _ in range(3)]
    return write_tflite(model("ADD", tensors, [0, 1 if output == 2 else 0], output, 0, "AddOptions"))


def test_the_next_command_has_samples_for_each_input(tflite_writer, tmp_path: Path) -> None:
    content = rename_ends(_adding(tflite_writer, "int8", 2), ([0, 1], [2]), (["a", "b"], ["y"]))
    for name, said in ((content, "X.npz"), (_adding(tflite_writer, "int8", 1), "X.npy")):
        (tmp_path / "net.tflite").write_bytes(name)
        result = CliRunner().invoke(cli, ["analyse", str(tmp_path / "net.tflite")])
        assert f"verify {tmp_path}/net.tflite --samples {said}" in result.stderr


def test_the_next_command_is_about_the_same_build(tflite_writer, tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(_adding(tflite_writer, "int8", 1))
    chosen = ["--optimise", "size", "--flash", "65536", "--ram", "8192", "--board", "zero", "--skip-zeros"]
    result = CliRunner().invoke(cli, ["analyse", str(tmp_path / "net.tflite"), *chosen])
    assert result.stderr.endswith(f"--samples X.npy {' '.join(chosen)}\n")
    options = BuildOptions(compiler="/opt/my tools/arm-none-eabi-gcc", oracle="tflm")
    assert chosen_options(options) == " --oracle tflm --compiler '/opt/my tools/arm-none-eabi-gcc'"
    assert chosen_options(BuildOptions()) == ""


def test_a_float_model_is_refused_before_inputs_are_drawn_for_it(tflite_writer, tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(_adding(tflite_writer, "float32", 1))
    result = CliRunner().invoke(cli, ["verify", str(tmp_path / "net.tflite")])
    assert isinstance(result.exception, ModelError | SystemExit)
    assert "takes float32 and gives float32, the board needs int8" in str(result.exception) + result.stderr
    with pytest.raises(ModelError, match="the board needs int8"):
        random_inputs(read_tflite(_adding(tflite_writer, "float32", 1)), 4, seed=0)


def test_the_default_of_memory_is_what_the_library_takes() -> None:
    shown = CliRunner().invoke(cli, ["verify", "--help"]).stdout
    assert "[default: 4g]" in shown
    assert Bytes().convert("4g", None, None) == DEFAULT_LIMITS.memory_bytes


def test_the_summary_says_which_figures_are_exact_and_which_modelled(tflite_writer) -> None:
    lines = summary(analyse(plan(read_tflite(_adding(tflite_writer, "int8", 1)))))
    assert [line.split()[0] for line in lines if "MACs" in line or "gcc" in line] == ["exact", "modelled"]
    assert sum("cycles at zero wait states" in line for line in lines) == 1
    assert sum("cycles with the waits for its flash" in line for line in lines) == 1


def test_figures_by_name_stand_in_one_line() -> None:
    (line,) = report_lines({"thresholds": {"toxic": 1_200, "a\nb": -3}})
    assert line.split(maxsplit=1)[1] == r"toxic 1,200, a\nb -3"
