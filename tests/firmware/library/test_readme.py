"""The README.md of an exported library: its C compiles as it stands, and computes what the oracle does."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from all_makers import make
from streams import wake_word

from zerotap.firmware import BuildOptions, Library, export, quantise_input
from zerotap.firmware.artefacts.tflite_model import TfliteModel
from zerotap.firmware.generation.model_code import generate
from zerotap.firmware.library.finishing import Contents
from zerotap.firmware.library.readme import library_readme
from zerotap.firmware.options import DEFAULTS
from zerotap.firmware.oracles.oracle import Oracle
from zerotap.firmware.passes.ends import read_model
from zerotap.firmware.quantising.model_inputs import model_inputs
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.tflite.writer import rename_ends

SKETCH = """{head}
#include <stdio.h>
{functions}
int main(void)
{{
    double value;
    for (int i = 0; scanf("%lf", &value) == 1; i++) {{
        {convert}
    }}
    {call}
    for (int i = 0; i < (int)sizeof {output}; i++) {{
        printf("%d ", ((int8_t *)&{output})[i]);
    }}
    return 0;
}}
"""


def _answers(library: Library, output: str, values: np.ndarray) -> list[int]:
    """What a program says that consists of the README's pieces of C, on these real values."""
    text = (library.folder / "README.md").read_text()
    calling, function, convert = re.findall(r"```c\n(.*?)\n```", text, re.DOTALL)
    head, _, call = calling.rpartition("\n\n")
    folder = library.folder / "tried"
    folder.mkdir()
    (folder / "tried.c").write_text(
        SKETCH.format(head=head, functions=function, convert=convert, call=call, output=output)
    )
    sources = [*map(str, (library.folder / "src").glob("*.c")), "tried.c", "-lm"]
    command = [sys.executable, "-m", "ziglang", "cc", "-O1", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([*command, f"-I{library.folder / 'src'}", *sources, "-o", "tried"], cwd=folder, check=True)
    given = " ".join(repr(float(value)) for value in values.ravel())
    run = subprocess.run([folder / "tried"], input=given, capture_output=True, text=True, check=True)
    return [int(code) for code in run.stdout.split()]


def test_what_the_readme_says_computes_the_oracle_s_bits(dense_file: Path, tmp_path: Path) -> None:
    library = export(dense_file, tmp_path / "lib", "mood", BuildOptions(compiler="zig"))
    graph = read_tflite(dense_file)
    source = graph.tensors[graph.input]
    codes = np.random.default_rng(0).integers(-140, 140, source.shape)  # some beyond what int8 holds
    values = ((codes + 0.5) * source.scale[0]).astype(np.float32)  # halves: as far as rounding can go wrong
    expected = Oracle(dense_file.read_bytes()).invoke(quantise_input(values, source))
    assert _answers(library, "output", values) == expected.ravel().tolist()
    assert (
        f"{library.report['ram_total_bytes']:,} B | with the stack"
        in (library.folder / "README.md").read_text()
    )


def test_several_ends_are_called_by_their_names(dense_file: Path, tmp_path: Path) -> None:
    graph = read_tflite(dense_file)
    outputs = [operator.outputs[0] for operator in graph.operators[1:]]
    content = rename_ends(dense_file.read_bytes(), (graph.inputs, outputs), (["x"], ["hidden", "mood"]))
    library = export(content, tmp_path / "lib", "two", BuildOptions(compiler="zig"))
    source = graph.tensors[graph.input]
    values = np.full(source.shape, 3 * source.scale[0], np.float32)
    expected = Oracle(content).invoke(model_inputs({"x": values}, read_model(content)))["mood"]
    assert _answers(library, "outputs.mood", values) == expected.ravel().tolist()


def test_ids_are_not_quantised(tflite_writer) -> None:
    graph = make(tflite_writer, "GATHER", 0)[1]
    one = TfliteModel(b"", graph, DEFAULTS)
    text = library_readme(Contents(one, "bag", generate(graph, "bag"), None, "the oracle", REPORT))
    assert "| `input` |" in text and "ids, or indices, as they are" in text
    assert "quantised(" not in text


def test_how_windows_come_is_said(tflite_writer) -> None:
    graph = make(tflite_writer, "GATHER", 0)[1]
    one, plain = TfliteModel(b"", graph, DEFAULTS), generate(graph, "bag")
    pushed = {**plain, "bag_push.h": ""}
    stream = TfliteModel.read(wake_word(tflite_writer), DEFAULTS)
    push, goes_on = "bag_push(packet, output)", "The model goes on from call to call"
    texts = [
        library_readme(Contents(artefact, "bag", sources, None, "the oracle", REPORT))
        for artefact, sources in ((one, plain), (one, pushed), (stream, plain))
    ]
    assert [(push in text, goes_on in text) for text in texts] == [
        (False, False), (True, False), (False, True),
    ]  # fmt: skip


def test_how_it_was_verified_is_said(tflite_writer) -> None:
    graph = make(tflite_writer, "GATHER", 0)[1]
    one, plain = TfliteModel(b"", graph, DEFAULTS), generate(graph, "bag")
    tested = REPORT | {"verification": {"samples": 9_308, "mismatches": 0}}
    texts = [
        library_readme(Contents(one, "bag", plain, None, "the oracle", report)) for report in (REPORT, tested)
    ]
    assert all("4 drawn inputs ran through this very code on the simulated board" in text for text in texts)
    assert ["9,308 samples ran on the simulated board: 0 differed" in text for text in texts] == [False, True]


REPORT = {
    "verified_windows": 4,
    "cycles_max": 2_000,
    "board_samples": 4,
    "board_cycles_max": 2_500,
    "ms_min": 0.05,
    "ms_max": 0.052,
    "ms_bound": 0.06,
    "clock_hz": 48_000_000,
    **{"board": "a board", "compiler": "a compiler", "flash_bytes": 4_096, "ram_bytes": 96},
    **{"stack_bound_bytes": 128, "ram_total_bytes": 240},
}
