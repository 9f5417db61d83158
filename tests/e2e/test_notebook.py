"""The notebook of the examples, run as a person runs it: a dataset, two pictures, a verified library."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.thorough

NOTEBOOK = Path(__file__).parents[2] / "examples" / "notebook.ipynb"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def ran(folder: Path) -> nbformat.NotebookNode:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    return client.execute()


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_it_draws_two_pictures(ran: nbformat.NotebookNode) -> None:
    assert sum("image/png" in output.get("data", {}) for output in outputs(ran)) == 2


def test_values_show_themselves_in_one_line(ran: nbformat.NotebookNode) -> None:
    shown = [output.data["text/plain"] for output in outputs(ran) if output.output_type == "execute_result"]
    dataset, trained, report, verdict = shown
    assert not [text for text in (dataset, trained, verdict) if "\n" in text]
    assert len(report) < 1500
    assert trained.startswith("Trained(text, ")
    assert "windows with TensorFlow's bits" in verdict


def test_its_library_is_verified(ran: nbformat.NotebookNode, folder: Path) -> None:
    assert [cell for cell in ran.cells if 'assert report["mismatches"] == 0' in cell.source]
    assert (folder / "MoodNet" / "library.properties").is_file()
    assert (folder / "MoodNet" / "src" / "mood_push.h").is_file()


def test_the_repository_holds_no_outputs() -> None:
    stored = nbformat.read(NOTEBOOK, as_version=4)
    assert outputs(stored) == []
    assert [cell.execution_count for cell in stored.cells if cell.cell_type == "code"] == [None] * sum(
        cell.cell_type == "code" for cell in stored.cells
    )
