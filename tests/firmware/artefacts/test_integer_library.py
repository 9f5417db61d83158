"""The library of an integer model: its sketch passes, its README's C compiles, bare C gives the scores."""

import ctypes
import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sketches import compile_here, self_test

from zerotap.cli import cli
from zerotap.errors import NotExactError
from zerotap.features import Pipeline
from zerotap.firmware import BuildOptions, export, open_artefact
from zerotap.firmware.artefacts.integer_model import IntegerForm

ZIG = BuildOptions(compiler="zig")


def test_the_self_test_checks_golden_vectors_and_the_way_by_packets(
    folder: Path, kind: str, tmp_path: Path
) -> None:
    library = export(folder, tmp_path / "lib", "mood", ZIG)
    windows, items, verdict = self_test(library.folder, tmp_path)
    assert windows.startswith("windows: 0 of 4 differ, 7 us")
    assert re.match(r"items: 0 of [1-9]\d* results differ, \d+ us, at most \d+ us an item", items)
    assert re.fullmatch(r"mood: PASS, CRC [0-9A-F]{4}", verdict)
    file = library.folder / "examples/SelfTest/vectors.h"
    begin, found, rest = file.read_text().partition("_SCORE results")
    file.write_text(begin + found + re.sub(r"\{-?\d+", "{77", rest, count=1))
    windows, items, verdict = self_test(library.folder, tmp_path)
    assert windows.startswith("windows: 0 of 4 differ") and items.startswith("items: 1 of ")
    assert verdict.startswith("mood: FAIL")


def test_what_is_pushed_is_compared_before_it_is_exported(folder: Path, tmp_path: Path, monkeypatch) -> None:
    right = IntegerForm.invoke
    monkeypatch.setattr(IntegerForm, "invoke", lambda self, x: right(self, x) + 1)
    with pytest.raises(NotExactError, match="outputs differ from NumPy integer form"):
        export(folder, tmp_path / "lib", "mood", ZIG)
    assert not (tmp_path / "lib").exists()


def test_what_the_library_says(folder: Path, kind: str, pipeline: Pipeline, tmp_path: Path) -> None:
    library = export(folder, tmp_path / "lib", "mood", ZIG, rate_hz=100)
    header, push = ((library.folder / "src" / name).read_text() for name in ("mood.h", "mood_push.h"))
    assert "typedef int32_t mood_SCORE;" in header and "#define mood_FLASH_BYTES" in header
    assert "linked by zig" in header
    functions = {"tiny.npz": ("add", "scores", "clear"), "rows.npz": ("invoke",)}[kind]
    keywords = (library.folder / "keywords.txt").read_text()
    assert all(f"mood_{each}\tKEYWORD2\n" in keywords for each in (*functions, "push", "flush", "reset"))
    assert "mood_SCORE\tKEYWORD1\n" in keywords and "mood_OUTPUT_SIZE\tLITERAL1\n" in keywords
    properties = (library.folder / "library.properties").read_text()
    assert "sentence=A model in integers for the Arduino MKR Zero" in properties
    assert "mood_push() in plain C" in properties and "includes=mood.h,mood_push.h\n" in properties
    readme = (library.folder / "README.md").read_text()
    assert "the bits of its oracle (NumPy integer form)" in readme and "margins" in readme
    assert "mood_SCORE *output" in push
    report = library.report
    assert report["inferences"] == 1 if kind == "tiny.npz" else report["inferences"] >= 3
    assert 0 < report["cycles_mean"] < report["cycles_max"] and report["buffered_packets"] == 1
    assert report["packets"] == 400


def test_the_readme_s_pieces_of_c_compile_as_they_stand(folder: Path, tmp_path: Path) -> None:
    library = export(folder, tmp_path / "lib", "mood", ZIG)
    text = (library.folder / "README.md").read_text()
    pieces = re.findall(r"```c\n(.*?)\n```", text, re.DOTALL)
    assert len(pieces) == 2
    for number, piece in enumerate(pieces):
        head, _, call = piece.partition("\n\n")
        body = f"{head}\nvoid tried(const uint8_t *packet)\n{{\n    (void)packet;\n{call}\n}}\n"
        (tmp_path / f"tried_{number}.c").write_text(body)
        flags = ["-Wall", "-Wextra", "-Werror", f"-I{library.folder / 'src'}"]
        compile_here(tmp_path, "-c", *flags, f"tried_{number}.c", "-o", "tried.o")


def test_bare_sources_compile_without_a_flag_and_give_the_scores(
    folder: Path, kind: str, model_of, tmp_path: Path
) -> None:
    out = tmp_path / "bare"
    given = ["export", folder / kind, "--out", out, "--name", "mood", "--bare", "--compiler", "zig", "--json"]
    result = CliRunner().invoke(cli, list(map(str, given)))
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["flash_bytes"] > 0
    assert not (out / "mood_push.h").exists() and all(path.is_file() for path in out.iterdir())
    assert compile_here(tmp_path, "-I", out, "-shared", *sorted(out.glob("*.c")), "-o", "mood.so") == ""
    library = ctypes.CDLL(str(tmp_path / "mood.so"))
    inputs, model = open_artefact(folder).drawn(30, 9), model_of(kind)
    outputs = np.empty((30, model.classes), np.int32)
    for row, output in zip(inputs, outputs, strict=True):
        given_row, taken = (each.ctypes.data_as(ctypes.c_void_p) for each in (row, output))
        if kind == "rows.npz":
            library.mood_invoke(given_row, taken)
            continue
        library.mood_clear()
        library.mood_add(given_row, int((row != 0).sum()))
        library.mood_scores(taken)
    assert np.array_equal(outputs, model.scores(inputs))


@pytest.mark.parametrize("bare", [False, True])
def test_the_same_model_gives_the_same_files(folder: Path, tmp_path: Path, bare: bool) -> None:
    one, other = (export(folder, tmp_path / name, "mood", ZIG, bare=bare).folder for name in ("a", "b"))
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file())
    assert all((one / file).read_bytes() == (other / file).read_bytes() for file in files)
