from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture.labels import read_labels, write_labels
from zerotap.capture.packet import LabelSpan
from zerotap.capture.session.label_keys import Marks

INF = float("inf")
CLASSES = ("idle", "shake", "spin")


def _pressed(*keys, classes=CLASSES):
    marks = Marks("idle", classes)
    changed = [marks.obey(key, at_s) for key, at_s in keys]
    return marks, changed


def test_without_keys_all_of_it_is_the_first_label():
    marks, _ = _pressed()
    assert marks.label == "idle"
    assert marks.spans() == [LabelSpan(0.0, INF, "idle", "user")]


def test_digits_switch_and_space_marks_points():
    marks, changed = _pressed(("2", 1.5), (" ", 2.0), ("3", 4.0))
    assert changed == [True, True, True]
    assert marks.label == "spin"
    assert marks.spans() == [
        LabelSpan(0.0, 1.5, "idle", "user"),
        LabelSpan(1.5, 4.0, "shake", "hotkey"),
        LabelSpan(2.0, 2.0, "shake", "hotkey"),
        LabelSpan(4.0, INF, "spin", "hotkey"),
    ]


def test_u_takes_back_the_last_key_and_no_more_than_there_are():
    marks, changed = _pressed(("2", 1.0), (" ", 2.0), ("u", 3.0), ("u", 3.0), ("u", 3.0))
    assert changed == [True, True, True, True, False]
    assert marks.spans() == [LabelSpan(0.0, INF, "idle", "user")]


def test_keys_that_mean_nothing_change_nothing():
    _, changed = _pressed(("1", 1.0), ("4", 1.0), ("0", 1.0), ("x", 1.0), ("\x1b", 1.0))
    assert not any(changed)


def test_a_switch_before_the_first_packet_leaves_no_empty_span():
    marks, _ = _pressed(("2", 0.0))
    assert marks.spans() == [LabelSpan(0.0, INF, "shake", "hotkey")]


def test_ten_classes_have_nine_keys():
    marks, changed = _pressed(("9", 1.0), ("0", 2.0), classes=("idle", *map(str, range(2, 11))))
    assert changed == [True, False]
    assert marks.label == "9"


@given(st.lists(st.tuples(st.sampled_from("1234 ux"), st.floats(0, 1)), max_size=30))
def test_spans_always_fill_the_time_without_overlap(tmp_path_factory, keys):
    at_s, times = 0.0, []
    for key, step_s in keys:
        at_s += step_s
        times.append((key, at_s))
    marks, _ = _pressed(*times)
    spans = [span for span in marks.spans() if span.start_s < span.end_s]
    assert [spans[0].start_s, *(span.end_s for span in spans)] == [*(span.start_s for span in spans), INF]
    path = tmp_path_factory.mktemp("labels") / "a.pcapng"
    write_labels(path, marks.spans())
    assert list(read_labels(path)) == marks.spans()
