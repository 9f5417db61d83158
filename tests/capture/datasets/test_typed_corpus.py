import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from zerotap.capture import LAYOUTS, Dataset, type_corpus, type_messages
from zerotap.capture.commands import type_command
from zerotap.capture.datasets import typed_corpus as corpus_module
from zerotap.capture.datasets.messages import Message, read_messages
from zerotap.capture.datasets.typed_corpus import record_corpus
from zerotap.capture.sources.typist import fold
from zerotap.errors import CaptureError, OutputError
from zerotap.features import decode_text

SMS = (Path(__file__).parents[3] / "../shared/data/text/sms_spam.csv").resolve()
MESSAGES = [("calm", "All is well."), ("angry", "Why NOT?!"), ("calm", "two\nlines\tand a tab")]


def _captures(folder):
    return [path.read_bytes() for path in sorted(folder.glob("recordings/*.pcapng"))]


def test_a_recording_a_message_in_order_with_its_label_and_text(tmp_path):
    dataset = type_corpus(MESSAGES, tmp_path / "set")
    entries = dataset.entries()
    assert [entry.label for entry in entries] == [label for label, _ in MESSAGES]
    assert [entry.name for entry in entries] == ["message-000001", "message-000002", "message-000003"]
    texts = [decode_text(dataset.load(entry).reports(8)) for entry in entries]
    assert texts == [text for _, text in MESSAGES]
    assert dataset.classes == ("angry", "calm")
    assert dataset.synthetic
    assert dataset.load(entries[0]).device.product == "Virtual boot keyboard"


def test_a_label_never_changes_a_byte_of_what_is_typed(tmp_path):
    type_corpus(MESSAGES, tmp_path / "one", seed=7)
    type_corpus([("other", text) for _, text in MESSAGES], tmp_path / "two", seed=7)
    assert _captures(tmp_path / "one") == _captures(tmp_path / "two")
    type_corpus(MESSAGES, tmp_path / "three", seed=8)
    assert _captures(tmp_path / "one") != _captures(tmp_path / "three")


def test_synthetic_is_what_the_caller_says(tmp_path):
    assert not type_corpus(MESSAGES, tmp_path / "set", synthetic=False).synthetic


def test_what_cannot_be_typed_is_skipped_and_counted(tmp_path):
    messages = [Message("a", "né 😀"), Message("a", "日本"), Message("b", "ok")]
    typed = record_corpus(messages, tmp_path / "set")
    assert (typed.messages, typed.skipped_messages, typed.dropped_characters) == (2, 1, 3)
    entries = typed.dataset.entries()
    assert [entry.name for entry in entries] == ["message-000001", "message-000003"]
    assert typed.reports == sum(len(typed.dataset.load(entry)) for entry in entries)


def test_progress_counts_every_message(tmp_path):
    seen = []
    type_corpus(MESSAGES, tmp_path / "set", on_progress=lambda *at: seen.append(at))
    assert seen == [("typing", 1, 3), ("typing", 2, 3), ("typing", 3, 3)]


def test_nothing_typeable_leaves_nothing(tmp_path):
    with pytest.raises(CaptureError, match="US keyboard"):
        type_corpus([("a", "日本")], tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_midway_leaves_nothing_and_gives_the_keyboard_back(tmp_path, monkeypatch):
    keyboards = []

    class Kept(corpus_module.VirtualKeyboard):
        def __init__(self):
            super().__init__()
            keyboards.append(self)

    monkeypatch.setattr(corpus_module, "VirtualKeyboard", Kept)

    def interrupt(_stage, done, _total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        type_corpus(MESSAGES, tmp_path / "set", on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []
    assert keyboards[0].driver_attached
    assert keyboards[0].claimed == set()


def test_nothing_recorded_is_overwritten(tmp_path):
    type_corpus(MESSAGES, tmp_path / "set")
    before = _captures(tmp_path / "set")
    with pytest.raises(OutputError, match="choose a new folder"):
        type_corpus(MESSAGES, tmp_path / "set", seed=1)
    assert _captures(tmp_path / "set") == before
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="choose a new folder"):
        type_corpus(MESSAGES, tmp_path / "file")


def test_an_empty_folder_and_a_folder_that_is_not_there_yet_will_do(tmp_path):
    (tmp_path / "empty").mkdir()
    assert len(type_corpus(MESSAGES, tmp_path / "empty").entries()) == 3
    assert len(type_corpus(MESSAGES, tmp_path / "new" / "deep").entries()) == 3


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        type_corpus(MESSAGES, tmp_path / "file" / "set")


def test_type_messages_takes_the_first_rows_of_a_csv(tmp_path):
    path = tmp_path / "messages.csv"
    path.write_text("label,text\na,one\nb,two\na,three\n")
    assert [entry.label for entry in type_messages(path, tmp_path / "set", limit=2).entries()] == ["a", "b"]


def test_the_command_reports_what_it_typed(tmp_path):
    path = tmp_path / "messages.csv"
    path.write_text("label,text\na,one\nb,tw😀\n")
    run = CliRunner().invoke(type_command, [str(path), "--dataset", str(tmp_path / "set"), "--json"])
    assert run.exit_code == 0, run.output
    report = json.loads(run.stdout)
    assert report["messages"] == len(Dataset.open(tmp_path / "set").entries()) == 2
    assert report["dropped_characters"] == 1
    assert report["synthetic"] is True
    text = CliRunner().invoke(type_command, [str(path), "--dataset", str(tmp_path / "again")]).stdout
    assert text.startswith("2 messages (a, b), ")
    assert "1 characters dropped, 0 messages skipped" in text


@pytest.mark.skipif(not SMS.exists(), reason="../shared/data/text/sms_spam.csv is not there")
def test_real_messages_come_back_as_they_were_typed(tmp_path):
    dataset = type_messages(SMS, tmp_path / "set", limit=300)
    texts = [decode_text(dataset.load(entry).reports(8)) for entry in dataset.entries()]
    assert texts == [fold(message.text)[0] for message in read_messages(SMS, limit=300)]
    assert dataset.classes == ("ham", "spam")


@pytest.mark.parametrize(("layout", "text"), [("fr", "Où est ma clé ? ñ ~ @ «ça»"), ("de", "Café ^ {größe}")])
def test_messages_are_typed_on_another_layout(tmp_path, layout, text):
    path = tmp_path / "messages.csv"
    path.write_text(f"label,text\na,{text}\nb,日本\n", "utf-8")
    dataset = tmp_path / "set"
    run = CliRunner().invoke(type_command, [str(path), "--dataset", str(dataset), "--layout", layout])
    name = LAYOUTS[layout].name
    assert f"not on the {name} layout: 2 characters dropped, 1 messages skipped" in run.stdout
    assert f"zerotap text FILE --layout {name}" in run.stdout
    opened = Dataset.open(dataset)
    (entry,) = opened.entries()
    folded, _ = fold(text, LAYOUTS[layout])
    assert decode_text(opened.load(entry).reports(8), LAYOUTS[layout]) == folded
    assert layout == "fr" or folded == text


def test_an_unknown_layout_makes_no_dataset(tmp_path):
    with pytest.raises(CaptureError, match=r"unknown layout 'klingon'; choose one of us, "):
        type_corpus(MESSAGES, tmp_path / "set", layout="klingon")
    assert list(tmp_path.iterdir()) == []
