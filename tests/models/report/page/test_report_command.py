"""`zerotap report`: a comparison's folder, a model's, and what is none."""

import html
import json
import shutil
import stat
import sys
import webbrowser
from dataclasses import replace

import made_page
import pytest
from click.testing import CliRunner

from zerotap.capture import generate_corpus, open_dataset, type_corpus
from zerotap.errors import MissingExtraError, ModelError, OutputError
from zerotap.firmware import MKR_ZERO
from zerotap.models import commands, split_recordings, train
from zerotap.models.report.page import drawing
from zerotap.reporting import no_progress
from zerotap.workflow import draw_page


@pytest.fixture(scope="module")
def typed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("typed") / "moods"
    type_corpus(generate_corpus(60, 0), folder, seed=0, synthetic=True)
    return folder


@pytest.fixture(scope="module")
def table(typed, tmp_path_factory):
    """A model that needs no TensorFlow."""
    folder = tmp_path_factory.mktemp("table") / "words"
    train(typed, "linear").save(folder)
    return folder


@pytest.fixture
def compared(tmp_path):
    return made_page.write(tmp_path / "compared", *made_page.small())


def run(*arguments):
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(commands.report, words, catch_exceptions=False)


def test_a_comparison_is_drawn_again_and_again_the_same(compared):
    done = run(compared, "--json")
    page = compared / "report.html"
    content = page.read_bytes()
    assert json.loads(done.stdout) == {"type": "page", "file": str(page), "bytes": len(content)}
    assert (compared / "report.md").read_text().startswith("# ")
    assert b"Raw packets or text?" in content
    assert f"{page}: {len(content):,} bytes" in run(compared).stdout
    assert page.read_bytes() == content


def test_open_shows_it_and_says_where_there_is_no_browser(table, monkeypatch):
    shown = []
    monkeypatch.setattr(webbrowser, "open", lambda address: not shown.append(address))
    assert run(table, "--open").stderr == ""
    assert shown == [(table / "report.html").resolve().as_uri()]
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    assert "no browser was found" in run(table, "--open").stderr


def test_without_evidence_a_page_is_drawn(compared):
    (compared / "evidence.json").unlink()
    assert b"Raw packets or text?" in draw_page(compared).read_bytes()


def test_text_comes_from_the_dataset_and_the_page_is_ones_own(typed, tmp_path):
    """Recordings that one model tells wrong have the names of some that were typed."""
    comparison, evidence = made_page.small()
    split = split_recordings(open_dataset(typed), no_progress)
    tested = [recording.name for recording, _ in split.test]
    wrong = [at for at, one in enumerate(evidence.tested) if evidence.verdicts["bag"][at] != one.index]
    names = {evidence.tested[at].name: name for at, name in zip(wrong, tested, strict=False)}
    recordings = tuple(replace(one, name=names.get(one.name, one.name)) for one in evidence.recordings)
    folder = made_page.write(tmp_path / "compared", comparison, replace(evidence, recordings=recordings))
    page = draw_page(folder, with_text=True, dataset=typed)
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert 'class="typed"' in page.read_text()
    assert 'class="typed"' not in draw_page(folder).read_text()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"with_text": True}, "nothing that was typed: give its dataset too, --dataset few"),
        ({"dataset": "somewhere"}, "no dataset but for what was typed"),
    ],
)
def test_what_would_be_left_unused_or_missing_is_said(compared, given, said):
    with pytest.raises(ModelError, match=said):
        draw_page(compared, **given)


def test_a_folder_of_neither_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"no report.json of a comparison and no model.toml of a model"):
        draw_page(tmp_path)
    (tmp_path / "report.json").write_text('{"data": "synthetic", "models": []}')
    with pytest.raises(ModelError, match=r"report\.json"):
        draw_page(tmp_path)


def test_nothing_is_written_through_a_link(compared, tmp_path):
    (tmp_path / "elsewhere").write_text("mine")
    (compared / "report.html").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="symbolic link"):
        draw_page(compared)
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_without_what_draws_it_the_way_out_is_said(compared, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"jinja2.*pip install 'zerotap\[report\]'"):
        drawing.check_packages()
    with pytest.raises(MissingExtraError):
        draw_page(compared)


def test_a_models_folder_says_what_lies_in_it(table):
    page = draw_page(table).read_text()
    assert "zerotap model" in page
    assert "By its plan for an Arduino MKR Zero" in page
    assert "How it is verified" in page
    assert "zerotap report words --dataset DIR" in page
    with pytest.raises(ModelError, match="no examples: leave --with-text out"):
        draw_page(table, with_text=True)


def test_a_models_page_has_the_commands_that_compile_and_upload(table, typed):
    for page in (draw_page(table), draw_page(table, dataset=typed)):
        shown = html.unescape(page.read_text())
        assert "\n".join(MKR_ZERO.upload_commands("DIR", "DIR/examples/SelfTest")) in shown
        assert "arduino-cli compile --fqbn arduino:samd:mkrzero --library DIR DIR/examples/SelfTest" in shown
        assert "--out DIR --name NAME" in shown


def test_an_older_models_folder_lacks_parts_and_is_drawn(table, tmp_path):
    older = tmp_path / "an older one"
    shutil.copytree(table, older)
    for name in ("metrics.json", "curves.json", "report.html"):
        (older / name).unlink(missing_ok=True)
    page = draw_page(older).read_text()
    assert "Not scored yet" in page
    assert "zerotap report &#39;an older one&#39; --dataset DIR" in page
    assert 'id="confusion"' not in page


def test_a_damaged_record_is_named(table, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(table, broken)
    (broken / "metrics.json").write_text('{"test": {"recordings": "many"}}')
    with pytest.raises(ModelError, match=r"metrics.json: test.recordings"):
        draw_page(broken)


def test_a_model_is_verified_on_a_dataset(table, typed):
    page = draw_page(table, dataset=typed).read_text()
    assert "gave the bits of the oracle" in page
    assert "How it was verified" in page
    assert "By its plan" not in page
    assert 'id="examples"' not in page


def test_a_model_in_a_comparison_is_what_was_measured_there(compared, table):
    shutil.copytree(table, compared / "bag")
    page = draw_page(compared / "bag").read_text()
    assert "gave the bits of the oracle" in page
    assert "How it was verified" in page
    assert "<bdi>dense</bdi>" not in page
    shutil.copytree(table, compared / "other")
    assert "How it is verified" in draw_page(compared / "other").read_text()
