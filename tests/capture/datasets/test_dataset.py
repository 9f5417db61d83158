"""A dataset's folder, manifest and labels; importing into it."""

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.capture import (
    Dataset,
    DeviceIdentity,
    LabelSpan,
    Packet,
    PcapngWriter,
    Recording,
    add_label,
    open_dataset,
    read_recordings,
    type_corpus,
)
from zerotap.capture.datasets.dataset import check_dataset_folder
from zerotap.capture.datasets.description import describe_capture, describe_dataset
from zerotap.capture.datasets.importing import import_capture
from zerotap.capture.labels import labels_path, read_labels, write_labels
from zerotap.errors import CaptureError, OutputError


def recording(*payloads):
    device = DeviceIdentity(1, 2, 3, 4)
    return Recording.from_packets([Packet(i * 10**9, 0x81, p) for i, p in enumerate(payloads)], device)


def two_classes(path):
    dataset = Dataset.create(path, synthetic=True, licence="CC0", consent="none needed")
    for number, label in enumerate(["b", "a"] * 4):
        dataset.store(recording(bytes([number]), b"x"), "take", label)
    return dataset


def test_what_is_stored_is_there_when_opened_again(tmp_path):
    two_classes(tmp_path / "d")
    dataset = Dataset.open(tmp_path / "d")
    assert dataset.classes == ("a", "b")
    assert dataset.synthetic
    assert (dataset.manifest.licence, dataset.manifest.consent) == ("CC0", "none needed")
    entries = dataset.entries()
    assert [e.name for e in entries] == ["take", *(f"take-{n}" for n in range(2, 9))]
    assert [e.label for e in entries] == ["b", "a"] * 4
    loaded = dataset.load(entries[3])
    assert (loaded.name, [p.data for p in loaded.packets()]) == ("take-4", [b"\3", b"x"])
    assert loaded.labels == (LabelSpan(0.0, float("inf"), "a"),)
    split = dataset.split(test_fraction=0.25)
    assert sorted(number for _, number in split.test) == [0, 1]
    assert sorted(number for _, number in split.train) == [0] * 3 + [1] * 3


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize(
    "where", ["zerotap.capture.PcapngWriter.write_all", "zerotap.capture.Dataset.add_classes"]
)
def test_a_recording_that_cannot_be_stored_leaves_nothing(tmp_path, monkeypatch, fault, where):
    def fail(*_arguments):
        raise fault

    dataset = Dataset.create(tmp_path / "d", synthetic=False)
    monkeypatch.setattr(where, fail)
    with pytest.raises(fault):
        dataset.store(recording(b"x"), "take", "a")
    assert list((tmp_path / "d" / "recordings").iterdir()) == []
    assert Dataset.open(tmp_path / "d").classes == ()


def test_what_holds_or_describes_recordings_is_private(tmp_path):
    before = os.umask(0)
    try:
        dataset = Dataset.create(tmp_path / "d", synthetic=False)
        path = dataset.store(recording(b"x"), "take", "a")
        dataset.add("other", "a")
        write_labels(path, [LabelSpan(0.0, 1.0, "a")])
    finally:
        os.umask(before)
    files = [path for path in (tmp_path / "d").rglob("*") if path.is_file()]
    assert {path.name: path.stat().st_mode & 0o777 for path in files} == dict.fromkeys(
        ("zerotap.toml", "take.pcapng", "take.labels.csv", "other.labels.csv"), 0o600
    )


def test_a_dataset_says_in_a_line_what_it_is(tmp_path):
    assert repr(two_classes(tmp_path / "d")) == f"Dataset({str(tmp_path / 'd')!r}, synthetic, classes a, b)"
    assert repr(Dataset.create(tmp_path / "e", synthetic=False)).endswith("real, classes none)")


def test_one_synthetic_part_makes_the_whole_synthetic(tmp_path):
    assert not Dataset.open_or_create(tmp_path / "d", synthetic=False).synthetic
    assert Dataset.open_or_create(tmp_path / "d", synthetic=True).synthetic
    assert Dataset.open_or_create(tmp_path / "d", synthetic=False).synthetic
    assert Dataset.open(tmp_path / "d").synthetic


def test_names_are_made_safe(tmp_path):
    dataset = Dataset.create(tmp_path / "d", synthetic=False)
    for name in ("../../evil", "a b/c.d", "", ".."):
        assert dataset.add(name, "a").parent == tmp_path / "d" / "recordings"


def test_an_existing_folder_is_not_taken_over(tmp_path):
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path, tmp_path / "file"):
        with pytest.raises(OutputError, match="already holds something"):
            Dataset.create(path, synthetic=False)


@pytest.mark.parametrize("label", ["", "  "])
def test_a_blank_label(tmp_path, label):
    dataset = Dataset.create(tmp_path / "d", synthetic=False)
    with pytest.raises(CaptureError, match="label is blank"):
        dataset.store(recording(b"x"), "take", label)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (None, "is no dataset"),
        ("classes = [", "not a manifest"),
        ("", "has no schema = 1.*restore the file"),
        ("schema = 2", "schema 2, this zerotap reads 1"),
        ("schema = 1\nclasses = 'ab'", "classes must be a list"),
        ("schema = 1\ndevice = 3", "device must be a table"),
        ("schema = 1\nclasses = ['a']", "at least two classes, has a"),
        ("schema = 1\nclasses = ['a', 'b', 'c']", "no recordings of c"),
        ("schema = 1\nclasses = ['b', 'c']", "label a is not in zerotap.toml"),
    ],
)
def test_manifests_that_do_not_do(tmp_path, manifest, said):
    two_classes(tmp_path / "d")
    path = tmp_path / "d" / "zerotap.toml"
    path.unlink() if manifest is None else path.write_text(manifest)
    with pytest.raises(CaptureError, match=said):
        Dataset.open(tmp_path / "d").split()


def test_a_folder_or_the_dataset_itself_is_taken(tmp_path):
    two_classes(tmp_path / "d")
    opened = open_dataset(str(tmp_path / "d"))
    assert opened.path == tmp_path / "d"
    assert open_dataset(opened) is opened


def test_recordings_that_do_not_do(tmp_path):
    dataset = Dataset.create(tmp_path / "d", synthetic=False)
    dataset.store(Recording.from_packets([]), "empty", "a")
    dataset.store(Recording.from_packets([Packet(1, 0x81, b"x"), Packet(1, 0x82, b"x")]), "two", "b")
    empty, two = dataset.entries()
    with pytest.raises(CaptureError, match=r"empty\.pcapng: holds no packets"):
        dataset.load(empty)
    with pytest.raises(CaptureError, match=r"two\.pcapng: holds 2 streams"):
        dataset.load(two)
    labels_path(two.path).unlink()
    with pytest.raises(CaptureError, match=r"two\.pcapng: has no label"):
        dataset.entries()


seconds = st.floats(0, 1e6)
spans = st.builds(
    lambda start, length, label, source: LabelSpan(start, start + length, label, source),
    # Spaces around a cell are a person's slip, and an empty source is theirs, so neither comes back.
    *(seconds, seconds, *[st.text(max_size=20).map(str.strip).filter(bool)] * 2),
)


@settings(deadline=None)  # files are forced to the disk
@given(st.lists(spans, max_size=5))
def test_labels_round_trip(tmp_path_factory, labels):
    path = tmp_path_factory.mktemp("labels") / "a.pcapng"
    write_labels(path, labels)
    assert read_labels(path) == tuple(labels)
    assert [p.name for p in path.parent.iterdir()] == ["a.labels.csv"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"start_s,end_s,label\n0,1,a\n", "line 1 must name the columns"),
        (b"", "line 1 must name the columns"),
        (b"start_s,end_s,label,source\n0,1,a,x\nnow,1,a,x\n", "line 3: .*'now'"),
        (b"start_s,end_s,label,source\n2,1,a,x\n", "line 2: a label needs a name and 0 <= start_s <= end_s"),
        (b"start_s,end_s,label,source\n0,nan,a,x\n", "line 2: a label needs"),
        (b"start_s,end_s,label,source\n0\n", "line 2: "),
        (b"start_s,end_s,label,source\n\n0,1,a,b,x\n", "line 3 has more than 4 cells"),
        (b"start_s;end_s;label;source\n0;1;a;x\n", "line 1 must name the columns .* with commas"),
        (b"start_s,end_s,label,source\n0,1,\xff,x\n", "UTF-8"),
    ],
)
def test_labels_that_do_not_do(tmp_path, content, said):
    labels_path(tmp_path / "a.pcapng").write_bytes(content)
    with pytest.raises(CaptureError, match=said):
        read_labels(tmp_path / "a.pcapng")


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "two.streams.pcapng"
    with PcapngWriter(path, DeviceIdentity(0x04D9, 0x1602, 3, 4)) as writer:
        for second in range(5):
            writer.write(Packet(second * 10**9 + 7, 0x81, bytes([second] * 8)))
            writer.write(Packet(second * 10**9 + 8, 0x82, b"ab"))
    return path


def test_import_keeps_times_and_payloads(capture, tmp_path):
    (path,) = import_capture(capture, "walk", tmp_path / "d", "3.4.2")
    original = read_recordings(capture)[1]
    dataset = Dataset.open(tmp_path / "d")
    copied = dataset.load(dataset.entries()[0])
    assert path == dataset.entries()[0].path
    assert list(copied.packets()) == list(original.packets())
    assert (copied.device, dataset.classes, dataset.synthetic) == (original.device, ("walk",), False)


def test_import_keeps_who_the_device_is_and_warns_of_another(capture, tmp_path, caplog):
    data = tmp_path / "d"
    import_capture(capture, "walk", data, "3.4.2")
    import_capture(capture, "walk", data, "3.4.1")
    assert Dataset.open(data).manifest.device == DeviceIdentity(0x04D9, 0x1602, 3, 4)
    nobody, mouse = tmp_path / "nobody.pcapng", tmp_path / "mouse.pcapng"
    for path, device in ((nobody, DeviceIdentity(bus=1)), (mouse, DeviceIdentity(0x046D, 0xC077))):
        with PcapngWriter(path, device) as writer:
            writer.write(Packet(1, 0x81, b"x"))
    import_capture(nobody, "walk", data)
    assert Dataset.open(data).manifest.device.vendor_id == 0x04D9 and caplog.text == ""
    import_capture(mouse, "run", data)
    assert f"{data} was recorded from 04d9:1602 and this is 046d:c077: a model" in caplog.text
    assert Dataset.open(data).manifest.device.vendor_id == 0x046D


def test_the_first_device_of_a_dataset_is_no_other(tmp_path, caplog):
    dataset = Dataset.create(tmp_path / "d", synthetic=False, device=DeviceIdentity(1, 1))
    dataset.note(DeviceIdentity(2, 2), {})
    assert caplog.text == "" and dataset.manifest.device == DeviceIdentity(2, 2)


def test_a_real_dataset_that_turns_synthetic_says_so_once(tmp_path, caplog):
    typed = type_corpus([("a", "hi")], tmp_path / "typed").entries()[0].path
    import_capture(typed, "a", tmp_path / "new")
    Dataset.create(tmp_path / "empty", synthetic=False)
    import_capture(typed, "a", tmp_path / "empty")
    assert "synthetic" not in caplog.text
    Dataset.create(tmp_path / "real", synthetic=False).store(recording(b"x"), "take", "a")
    import_capture(typed, "a", tmp_path / "real")
    import_capture(typed, "b", tmp_path / "real")
    assert caplog.text.count(f"{tmp_path / 'real'} was real and counts as synthetic from now on") == 1


def test_import_of_a_device_takes_its_endpoints_and_overwrites_nothing(capture, tmp_path):
    first = import_capture(capture, "walk", tmp_path / "d", "3.4")
    before = {path: path.read_bytes() for path in first}
    second = import_capture(capture, "walk", tmp_path / "d", "3.4")
    assert len({*first, *second}) == 4
    assert {path: path.read_bytes() for path in first} == before


@pytest.mark.parametrize(
    ("device", "said"),
    [
        (None, r"2 streams, choose with --device: 3\.4\.1 \(04d9:1602, 5 packets of 8 bytes\); 3\.4\.2 "),
        ("3.5", r"holds no stream 3\.5, choose with --device: 3\.4\.1 "),
        ("3.40.1", r"no stream 3\.40\.1"),
        ("keyboard", r"write BUS\.ADDRESS"),
    ],
)
def test_import_asks_for_a_choice_and_leaves_nothing(capture, tmp_path, device, said):
    with pytest.raises(CaptureError, match=said):
        import_capture(capture, "walk", tmp_path / "d", device)
    assert not (tmp_path / "d").exists()


def test_import_of_a_truncated_capture_leaves_nothing(capture, tmp_path):
    foreign = capture.read_bytes()[:-1].replace(b"usb_device", b"usb-device")
    capture.write_bytes(foreign)
    with pytest.raises(CaptureError, match="truncated"):
        import_capture(capture, "walk", tmp_path / "d", "3.4.2")
    assert not (tmp_path / "d").exists()


def test_a_recording_of_our_own_may_be_torn(capture, tmp_path, caplog):
    whole = read_recordings(capture)[1]
    capture.write_bytes(capture.read_bytes()[:-1])
    import_capture(capture, "walk", tmp_path / "d", "3.4.2")
    assert "torn: it ends inside the block at byte" in caplog.text
    dataset = Dataset.open(tmp_path / "d")
    (entry,) = dataset.entries()
    assert list(dataset.load(entry).packets()) == list(whole.packets())[:-1]
    entry.path.write_bytes(entry.path.read_bytes()[:-1])
    caplog.clear()
    assert list(dataset.load(entry).packets()) == list(whole.packets())[:-2]
    assert f"{entry.path}: torn" in caplog.text


def test_import_refuses_packets_that_were_cut(tmp_path):
    content = bytearray((Path(__file__).parents[2] / "data" / "hi.pcapng").read_bytes())
    content[content.index(b"\x08\0\0\0\x08\0\0\0")] = 20  # the first transfer had 20 bytes, not 8
    (tmp_path / "cut.pcapng").write_bytes(content)
    with pytest.raises(CaptureError, match=r"cut when captured \(the first to 8 of 20 bytes\).*-s 0"):
        import_capture(tmp_path / "cut.pcapng", "walk", tmp_path / "d")


def test_import_of_a_capture_without_streams(tmp_path):
    with PcapngWriter(tmp_path / "none.pcapng"):
        pass
    with pytest.raises(CaptureError, match="no device sent"):
        import_capture(tmp_path / "none.pcapng", "walk", tmp_path / "d")


def test_descriptions(capture, tmp_path):
    stream = describe_capture(capture)["streams"][0]
    assert (stream["stream"], stream["device"], stream["endpoint"]) == ("3.4.1", "04d9:1602", 0x81)
    assert (stream["packets"], stream["bytes"], stream["lengths"], stream["seconds"]) == (
        5,
        40,
        {"8": 5},
        4.0,
    )
    assert (stream["link_type"], stream["link_type_name"]) == (220, "usbmon mmap")
    two_classes(tmp_path / "d")
    described = describe_dataset(tmp_path / "d")
    assert described["data"] == "synthetic"
    assert described["split"] == {"by": "hash", "test_fraction": 0.2}
    assert described["classes"] == [
        {"label": "a", "recordings": 4, "packets": 8, "seconds": 4.0},
        {"label": "b", "recordings": 4, "packets": 8, "seconds": 4.0},
    ]
    json.dumps(described)


LINKS = ["zerotap.toml", "recordings", "recordings/take.labels.csv", ".zerotap.lock"]


@pytest.mark.parametrize("name", LINKS)
def test_no_link_of_a_dataset_from_elsewhere_is_written_through(capture, tmp_path, name):
    """Whoever sends a dataset does not choose what is written in the home of who receives it."""
    path = Dataset.create(tmp_path / "d", synthetic=False).store(recording(b"x"), "take", "a")
    home, link = tmp_path / "home", tmp_path / "d" / name
    if link.exists():
        link.rename(home)
    else:
        home.write_text("good")
    link.symlink_to(home)
    before = home.read_bytes() if home.is_file() else sorted(home.iterdir())
    acts = [
        lambda: add_label(path, LabelSpan(0.0, float("inf"), "new")),
        lambda: write_labels(path, [LabelSpan(0.0, 1.0, "a")]),
        lambda: import_capture(capture, "new", tmp_path / "d", "3.4.2"),
    ]
    refused = 0
    for act in acts:
        try:
            act()
        except OutputError as error:
            assert "is a symbolic link" in str(error)
            refused += 1
    assert refused > 0 and link.is_symlink()
    assert (home.read_bytes() if home.is_file() else sorted(home.iterdir())) == before


def test_the_dataset_may_be_a_link_itself(capture, tmp_path):
    Dataset.create(tmp_path / "disk", synthetic=False)
    (tmp_path / "d").symlink_to(tmp_path / "disk")
    (path,) = import_capture(capture, "walk", tmp_path / "d", "3.4.2")
    add_label(path, LabelSpan(1.0, 1.0, "step"))
    assert (tmp_path / "d").is_symlink() and len(read_labels(path)) == 2


def test_import_of_our_own_recording_keeps_whether_it_is_synthetic(tmp_path):
    typed = type_corpus([("a", "hi")], tmp_path / "typed").entries()[0].path
    far = tmp_path / "far.pcapng"
    far.write_bytes(typed.read_bytes())
    (sent,) = two_classes(tmp_path / "marked").entries()[:1]
    real = Dataset.create(tmp_path / "real", synthetic=False).store(recording(b"x"), "take", "a")
    for number, (path, synthetic) in enumerate(
        [(typed, True), (far, True), (sent.path, True), (real, False)]
    ):
        import_capture(path, "a", tmp_path / f"new-{number}")
        assert Dataset.open(tmp_path / f"new-{number}").synthetic is synthetic


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder that root cannot write")
def test_a_dataset_that_cannot_be_written_is_told_at_once(capture, tmp_path):
    for place in ("/proc/new", tmp_path / ("x" * 300)):
        with pytest.raises(OutputError, match=f"^{place} cannot be written"):
            check_dataset_folder(place)
        with pytest.raises(OutputError, match="cannot be written"):
            import_capture(capture, "walk", place, "3.4.2")
