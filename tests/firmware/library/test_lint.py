"""The strict rules of arduino-lint for a library, by their numbers, in our own words."""

import re
from pathlib import Path
from urllib.parse import urlparse

import pytest

import zerotap
from zerotap.firmware import BOARDS, export
from zerotap.firmware.library.sketches import EXAMPLES
from zerotap.firmware.taken_names import is_header

ROOT = Path(zerotap.__file__).parent
SEMVER = r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
CATEGORIES = (
    *("Display", "Communication", "Signal Input/Output", "Sensors", "Device Control", "Timing"),
    *("Data Storage", "Data Processing", "Other"),
)
REQUIRED = (
    *("name", "version", "author", "maintainer", "sentence", "paragraph"),
    *("category", "url", "architectures"),
)
KNOWN = {*REQUIRED, "includes", "dot_a_linkage", "depends", "email", "precompiled", "ldflags"}
LABELS = ('a "quoted" one', "two\nlines =x", "end */ ??/")


@pytest.fixture(scope="module")
def library(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sketchbook") / "motion"
    return export(model_folder, out, "motion", labels=LABELS).folder


@pytest.fixture(scope="module")
def properties(library: Path) -> dict[str, str]:
    lines = (library / "library.properties").read_text().splitlines()
    pairs = [line.split("=", 1) for line in lines]
    assert len({pair[0] for pair in pairs}) == len(pairs)
    return dict(pairs)


def test_the_folder_is_a_library_and_nothing_else(library: Path) -> None:
    """LS001 to LS012: names, links, programs, the folders' cases."""
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", library.name)
    paths = list(library.rglob("*"))
    assert not any(path.is_symlink() for path in paths)
    assert {path.name for path in library.iterdir() if path.is_dir()} == {"src", "examples"}
    files = [path for path in paths if path.is_file()]
    suffixes = {path.suffix for path in files if path.parent == library / "src"}
    assert suffixes == {".h", ".c", ".S"}
    assert {path.suffix for path in files if "examples" in path.parts} == {".ino", ".h", ".cpp"}
    assert not any(path.name in (".development", "library.json", ".git") for path in paths)
    assert (library / "src" / f"{library.name}.h").is_file()


def test_every_property_is_there_and_of_its_form(library: Path, properties: dict[str, str]) -> None:
    """LP001 to LP063: required ones, no others, and what each may be."""
    assert set(properties) <= KNOWN and all(properties[each].strip() for each in REQUIRED)
    assert all(value == value.strip() and value.isascii() for value in properties.values())
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,15}", properties["name"])
    assert not re.search("arduino|library", properties["name"], re.IGNORECASE)
    assert re.fullmatch(SEMVER, properties["version"])
    assert not re.search("arduino", properties["maintainer"], re.IGNORECASE)
    assert properties["category"] in CATEGORIES
    assert properties["sentence"] not in properties["paragraph"]
    assert properties["dot_a_linkage"] in ("true", "false")
    for header in properties["includes"].split(","):
        assert (library / "src" / header).is_file()
    assert properties["name"] == "motion"
    assert 'Tells apart: a "quoted" one, two lines =x, end */ ??/.' in properties["paragraph"]


def test_every_board_has_a_page_and_an_architecture() -> None:
    for board in BOARDS.values():
        page = urlparse(board.url)
        assert page.scheme == "https" and "." in page.netloc and not re.search(r"[\s<>\"]", board.url)
        assert re.fullmatch(r"[a-z0-9]+", board.architecture)
        assert board.architecture == board.fqbn.split(":")[1]


def test_the_version_differs_from_export_to_export(library: Path, model_folder: Path, tmp_path: Path) -> None:
    again = export(model_folder, tmp_path / "same", "motion", labels=LABELS)
    other = export(model_folder, tmp_path / "other", "motion", labels=("a", "b", "c"))
    versions = [
        re.search(r"^version=(.*)$", (folder / "library.properties").read_text(), re.MULTILINE)[1]
        for folder in (library, again.folder, other.folder)
    ]
    assert versions[0] == versions[1] != versions[2]
    for folder, version in zip((library, other.folder), (versions[0], versions[2]), strict=True):
        assert f'#define motion_BUILD "{version.rpartition("+")[2]}"' in (folder / "src/motion.h").read_text()


def test_documents_are_there(library: Path) -> None:
    """LD001 to LD004: a README, and a licence that is known."""
    readme = (library / "README.md").read_text()
    assert 'It tells apart: a "quoted" one, two lines =x, end \\*/ ??/.' in readme
    assert "arduino-cli compile --fqbn arduino:samd:mkrzero" in readme
    assert "arduino-cli upload --fqbn arduino:samd:mkrzero --port PORT examples/SelfTest" in readme
    assert re.search(r"400 drawn packets .* all \d+ results were those of NumPy integer form", readme)
    assert (library / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    notice = (library / "NOTICE").read_text()
    assert "Apache License 2.0" in notice and "SuperFastHash" not in notice


def test_every_source_says_its_licence_and_is_plain_text(library: Path) -> None:
    sources = [path for path in library.rglob("*") if path.suffix in (".c", ".h", ".S", ".ino", ".cpp")]
    assert len(sources) > 20
    for path in sources:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("/* SPDX-License-Identifier: Apache-2.0 */\n"), path
        assert text.endswith("\n") and "\t" not in text and "\r" not in text and "\ufeff" not in text, path
        comments = re.findall(r"/\*.*?\*/|//[^\n]*", text, re.DOTALL)
        assert not any(re.search(r"\bNAME(_|\.|\b)", comment) for comment in comments), path


def test_guards_are_in_capitals(library: Path) -> None:
    for path in (library / "src").glob("*.h"):
        for guard in re.findall(r"^#ifndef (\w+_H)$", path.read_text(), re.MULTILINE):
            assert guard == guard.upper(), path


def test_sketches_are_sketches(library: Path) -> None:
    """SS001 to SS006: each in a folder of its name, with one .ino."""
    for sketch in (library / "examples").iterdir():
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", sketch.name)
        assert [path.name for path in sketch.glob("*.ino")] == [f"{sketch.name}.ino"]
        assert not list(sketch.glob("*.pde"))


def test_keywords_are_what_the_header_has(library: Path) -> None:
    lines = [line.split("\t") for line in (library / "keywords.txt").read_text().splitlines()]
    assert {kind for _, kind in lines} == {"KEYWORD1", "KEYWORD2", "LITERAL1"}
    assert len({word for word, _ in lines}) == len(lines)
    headers = "".join((library / "src" / file).read_text() for file in ("motion.h", "motion_push.h"))
    assert all(re.search(rf"\b{word}\b", headers) for word, _ in lines)
    defined = set(re.findall(r"#define (motion_\w+)|\b(motion_\w+)\(", headers))
    missing = {word for pair in defined for word in pair if word} - {word for word, _ in lines}
    assert missing == {"motion_HAS_PERCENT"}


def test_no_model_hides_a_header_of_the_examples() -> None:
    files = {file for example in EXAMPLES.values() for file in example.files} | {"port.h"}
    assert all(is_header(file.removesuffix(".h")) for file in files)
