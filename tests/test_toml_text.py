"""TOML that was made to be dear is refused before it costs anything, with the line; ours is read."""

import time
import tracemalloc

import pytest
import tomli_w

from zerotap.capture.datasets.manifest import read_manifest
from zerotap.contents import Bounds, text_fault
from zerotap.errors import CaptureError, FeatureError, ModelError
from zerotap.features import Pipeline
from zerotap.models.trained import read_facts
from zerotap.toml_text import FREE_BYTES, MOST_TIMES, parse_toml, read_toml

SIZE = 1 << 16
DEAR = {
    "dots": (".".join(["a"] * 20_000) + " = 1", "line 1"),
    "dots with blanks": ("x = 1\n" + " . ".join(["a"] * 20_000) + " = 1", "line 2"),
    "quoted parts": (".".join(['"a"'] * 20_000) + " = 1", "line 1"),
    "header": ("\n\n[" + ".".join(["a"] * 20_000) + "]", "line 3"),
    "inline": ("a = {" + ".".join(["a"] * 20_000) + " = 1}", "line 1"),
    "exponent": ("a = 1e" + "9" * SIZE, "line 1"),
    "integer": ("a = " + "1" * SIZE, "line 1"),
    "underscores": ("\na = 1" + "_1" * SIZE, "line 2"),
    "fraction": ("a = 1." + "1" * SIZE, "line 1"),
    "brackets": ("a = " + "[" * SIZE, "line 1"),
    "tables": ("".join(f"[t{n:x}]\n" for n in range(SIZE // 8)), "line "),
    "arrays": ("".join(f"t{n:x}=[]\n" for n in range(SIZE // 8)), "line "),
}


@pytest.mark.parametrize("name", DEAR)
def test_what_is_dear_is_refused_before_it_costs_anything(name):
    text, place = DEAR[name]
    tracemalloc.start()
    begun_s = time.process_time()
    try:
        with pytest.raises(ValueError, match=place):
            parse_toml(text)
        assert time.process_time() - begun_s < 10
        assert tracemalloc.get_traced_memory()[1] < FREE_BYTES + (MOST_TIMES + 1) * len(text)
    finally:
        tracemalloc.stop()


def test_what_is_read_takes_no_more_than_is_allowed():
    table = {
        "rate_hz": 99.8,
        "framing": "binary",
        "channels": ["x", "y", "z"],
        "samples": 1000,
        "jitter_s": 0.01,
    }
    text = tomli_w.dumps({"schema": 1, "sensors": {f"take-{n}": table for n in range(400)}})
    tracemalloc.start()
    try:
        assert len(parse_toml(text)["sensors"]) == 400
        assert tracemalloc.get_traced_memory()[1] < MOST_TIMES * len(text)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        'a = "' + "x." * 500 + '"',
        "a = '" + "9" * 5000 + "'",
        'a = """\n' + '"" [[[[ ' * 500 + '"""',
        "a = '''\n" + "'' .... " * 500 + "'''",
        'a = """x""""" # ' + "1" * 5000,
        r'a = "\"' + "9" * 5000 + r'\\"',
        'a = ""\nb = \'\'\n"" = 1\n"a.b" = 2',
        "# " + "." * 5000 + "\na.b.c = 1.5e3\n[x.y]\n[[z]]\nd = 1979-05-27T07:32:00Z",
    ],
)
def test_what_strings_and_comments_hold_does_not_count(text):
    import tomllib

    assert parse_toml(text) == tomllib.loads(text)


@pytest.mark.parametrize("text", ['a = "' + "9" * 5000, "a = '''" + "." * 5000, '"' * 5000])
def test_a_string_without_an_end_is_no_toml(text):
    with pytest.raises(ValueError):
        parse_toml(text)


def test_every_reader_names_the_file_and_the_line(tmp_path):
    dear = "schema = 1\n" + DEAR["dots"][0]
    for name in ("zerotap.toml", "model.toml", "pipeline.toml"):
        (tmp_path / name).write_text(dear)
    with pytest.raises(CaptureError, match=r"zerotap\.toml: not a manifest .*16 parts.*line 2"):
        read_manifest(tmp_path / "zerotap.toml")
    with pytest.raises(FeatureError, match=r"pipeline\.toml: .*16 parts.*line 2"):
        Pipeline.read(tmp_path / "pipeline.toml")
    with pytest.raises(ModelError, match=r"16 parts.*line 2"):
        read_facts(tmp_path)
    with pytest.raises(CaptureError, match="f: has more than 1 KiB"):
        (tmp_path / "f").write_text("#" * 1025)
        read_toml(tmp_path / "f", Bounds(CaptureError, 1024, "", text_fault))


def test_tomllib_is_used_nowhere_else(pytestconfig):
    root = pytestconfig.rootpath
    rooms = ("capture", "features", "models", "firmware", "isolation")
    files = [*root.glob("*.py"), *(path for room in rooms for path in (root / room).rglob("*.py"))]
    assert [file.name for file in files if "tomllib" in file.read_text("utf-8")] == ["toml_text.py"]


DOCUMENTS = [
    "a = 1\n[b]\nc = 2\n[b.d]\ne = 3\n[f.g]\nh = 4\n[f]\ni = 5\n",
    '[["a b"]]\nx = 1\n["a b".c]\ny = 2\n[["a b"]]\nx = 3\n[["a b".d]]\nz = 4\n[["a b".d]]\n',
    "a = [\n  [1, 2], # [x]\n  [3],\n]\nb = {c = [4]}\n[d]\na = []\n[[d.e]]\n",
    "[a]\nb.c = 1\n[a.d]\n[e]\n\r\n[f] # [g]\n",
]
NO_DOCUMENTS = [
    "[a]\nb = 1\n[a]\nc = 2\n",
    "[a]\nb = 1\n[a.b]\nc = 2\n",
    "a = 1\n[a]\n",
    "a = []\n[[a]]\n",
    "[[a]]\n[a]\n",
    "[a]\n[[a]]\n",
    "[a.b]\n[a]\nb = 1\n",
    "x = 1\n[a\nb = 1\n",
    "x = 1\n[a]]\nb = 1\n",
    "[]\n",
    "[a]\n\nb = \n",
]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_tables_are_put_together_as_tomllib_does(text):
    import tomllib

    assert parse_toml(text) == tomllib.loads(text)


@pytest.mark.parametrize("text", NO_DOCUMENTS)
def test_what_tomllib_refuses_is_refused(text):
    import tomllib

    with pytest.raises(ValueError):
        tomllib.loads(text)
    with pytest.raises(ValueError, match=r"at line \d"):
        parse_toml(text)


def test_the_line_is_that_of_the_whole_text():
    with pytest.raises(ValueError, match=r"at line 6, column 5"):
        parse_toml("a = 1\n\n[b]\n\n[c]\nd = =\n")
