"""Text tables as spreadsheets, phones and loggers write them: separators, names, times, labels."""

import re
from pathlib import Path

import numpy as np
import pytest

from zerotap.capture.number_formats.registry import numbers_in
from zerotap.capture.number_formats.table import Reading
from zerotap.capture.sensors.sensor_stream import frame_recording
from zerotap.errors import CaptureError, UnknownTimeError

FILE = Path("walk.csv")
X = [0.5, -1.25, 3.0]
Y = [10, 20, 40]


def taken(text, **how):
    content = text if isinstance(text, bytes) else text.encode()
    return numbers_in(content, FILE, Reading(**how, strict=True))


def read(text, **how):
    ((_, recording),) = taken(text, **how).recordings
    return frame_recording(recording)


WHOLE = "time_ms,x,y\n0,0.5,10\n10,-1.25,20\n20,3.0,40\n"
HABITS = {
    "commas": WHOLE,
    "semicolons": WHOLE.replace(",", ";"),
    "tabs": WHOLE.replace(",", "\t"),
    "spaces": WHOLE.replace(",", "   "),
    "bars": WHOLE.replace(",", " | "),
    "decimal commas": WHOLE.replace(",", ";").replace(".", ","),
    "decimal commas between tabs": WHOLE.replace(",", "\t").replace(".", ","),
    "quoted decimal commas": re.sub(r"(-?\d+)\.(\d+)", r'"\1,\2"', WHOLE),
    "trailing commas": WHOLE.replace("\n", ",\n"),
    "trailing commas of rows": WHOLE.replace("0\n", "0,\n"),
    "many trailing semicolons": WHOLE.replace(",", ";").replace("\n", ";;;\n"),
    "CR": WHOLE.replace("\n", "\r"),
    "CRLF": WHOLE.replace("\n", "\r\n"),
    "BOM": "\ufeff" + WHOLE,
    "UTF-16": WHOLE.replace(",", "\t").encode("utf-16"),
    "no last newline": WHOLE.rstrip(),
    "blank lines": WHOLE.replace("\n", "\n\n"),
    "spaces after commas": WHOLE.replace(",", ", "),
    "quotes": re.sub(r"[^,\n]+", r'"\g<0>"', WHOLE),
    "banner": "MPU6050 ready\nrange 2 g\n" + WHOLE,
    "comments": "# made by me\n" + WHOLE + "# the end\n",
    "header as a comment": "# " + WHOLE,
    "exponents": WHOLE.replace("0.5", "5.0e-1"),
}


@pytest.mark.parametrize("text", HABITS.values(), ids=HABITS)
def test_habits_of_tables(text):
    stream = read(text)
    assert stream.names == ("x", "y")
    assert stream.values.tolist() == [list(row) for row in zip(X, Y, strict=True)]
    assert (stream.timestamps_ns // 10**6).tolist() == [0, 10, 20]
    assert (stream.lost_frames, stream.dropped_bytes) == (0, 0)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("time_s", ["5", "5.01", "5.02"]),
        ("Time (s)", ["5", "5.01", "5.02"]),
        ("seconds_elapsed", ["5", "5.01", "5.02"]),
        ("timestamp", ["5000", "5010", "5020"]),
        ("millis", ["5000", "5010", "5020"]),
        ("t[ms]", ["5000", "5010", "5020"]),
        ("timeMs", ["5000", "5010", "5020"]),
        ("time_us", ["5000000", "5010000", "5020000"]),
        ("micros", ["5000000", "5010000", "5020000"]),
        ("time (ns)", ["5000000000", "5010000000", "5020000000"]),
        ("time", ["1970-01-01T00:00:05Z", "1970-01-01T00:00:05.010Z", "1970-01-01T00:00:05.020Z"]),
        ("datetime", [f"1970-01-01 01:00:05{part}+01:00" for part in ("", ".010", ".02")]),
        ("date and clock", ["00:00:05", "00:00:05.010", "00:00:05.020"]),
        ("t", ["5000", "5010", "5020"]),
        ("Zeit", ["5000", "5010", "5020"]),
    ],
)  # fmt: skip
def test_times_and_their_units(name, cells):
    rows = "".join(f"{cell},{x}\n" for cell, x in zip(cells, X, strict=True))
    stream = read(f"{name},x\n{rows}")
    assert stream.names == ("x",)
    assert stream.timestamps_ns.tolist() == [5_000_000_000, 5_010_000_000, 5_020_000_000]
    assert stream.rate_hz == pytest.approx(100)


@pytest.mark.parametrize("unit_ns", [1, 10**3, 10**6, 10**9])
def test_moments_of_today_tell_their_unit(unit_ns):
    start = 1_700_000_000 * 10**9
    step_ns = max(unit_ns, 10**7)
    rows = "".join(f"{(start + n * step_ns) // unit_ns},{n}\n" for n in range(20))
    for header in ("timestamp,x\n", ""):
        stream = read(header + rows)
        assert stream.timestamps_ns[0] == start
        assert stream.rate_hz == pytest.approx(1e9 / step_ns)
        assert stream.values[:, 0].tolist() == list(range(20))


SECONDS = "timestamp,x\n" + "".join(f"{n / 100:.2f},{n}\n" for n in range(50))


def test_a_unit_that_cannot_be_right_is_a_question():
    with pytest.raises(
        UnknownTimeError, match=r"100,000 samples a second: give --time-unit s.* or --rate-hz"
    ) as said:
        taken(SECONDS)
    assert said.value.has_time
    assert read(SECONDS, time_unit="s").rate_hz == pytest.approx(100)
    assert read(SECONDS, rate_hz=50).rate_hz == pytest.approx(50)
    slow = "timestamp,x\n" + "".join(f"{n * 10_000},{n}\n" for n in range(50))
    with pytest.raises(UnknownTimeError, match=r"0\.1 samples a second"):
        taken(slow)
    assert read(slow, time_unit="us").rate_hz == pytest.approx(100)


def test_without_a_time_the_rate_has_to_be_told():
    for text in ("x,y\n1,2\n3,4\n", "1,2\n3,4\n5,6\n"):
        with pytest.raises(UnknownTimeError, match="--rate-hz") as said:
            taken(text)
        assert not said.value.has_time
        stream = read(text, rate_hz=104)
        assert stream.values.tolist()[:2] == [[1, 2], [3, 4]]
        assert stream.timestamps_ns[1] == pytest.approx(1e9 / 104, abs=1)
    with pytest.raises(UnknownTimeError, match="--time-unit s, ms or us"):
        taken("0,2\n10,4\n20,6\n")
    stream = read("0,2\n10,4\n20,6\n", time_unit="ms")
    assert stream.values.tolist() == [[2], [4], [6]] and stream.rate_hz == pytest.approx(100)


def test_only_a_table_of_text_is_told_to_add_a_line():
    for text in ('{"x": 1, "y": 2}\n{"x": 3, "y": 4}\n', '[{"x": 1}, {"x": 2}]', "x:1,y:2\nx:3,y:4\n"):
        with pytest.raises(UnknownTimeError, match=r"named as a time .*time_ms.*--rate-hz HZ$") as said:
            taken(text)
        assert "line 1" not in str(said.value)
    with pytest.raises(CaptureError, match="no numbers besides a time") as said:
        taken('{"time_ms": 1}\n{"time_ms": 2}\n')
    assert not isinstance(said.value, UnknownTimeError)


def test_a_time_that_begins_below_zero_begins_at_zero():
    assert read("time_s,x\n-0.5,1\n-0.25,2\n0,3\n").timestamps_ns.tolist() == [0, 250_000_000, 500_000_000]


def test_what_is_no_channel_is_left_out_and_said():
    text = ",time_s,seconds_elapsed,user,x\n" + "".join(f"{n},{n},{n},me,{n}\n" for n in range(9))
    found = taken(text)
    assert frame_recording(found.recordings[0][1]).names == ("x",)
    assert found.left_out == [
        "column 1 (row numbers)",
        "column seconds_elapsed (a time, another one is taken)",
        "column user (text)",
    ]


def test_lines_before_the_table_are_said():
    assert taken(HABITS["banner"]).left_out == ["2 lines before the table"]


LABELLED = "time_ms,x,activity\n" + "".join(f"{n * 10},{n},{'idle' if n < 3 else 'wave'}\n" for n in range(7))


@pytest.mark.parametrize("column", ["activity", "Activity", "3"])
def test_every_run_of_a_label_is_a_recording(column):
    found = taken(LABELLED, label_column=column).recordings
    assert [label for label, _ in found] == ["idle", "wave"]
    streams = [frame_recording(recording) for _, recording in found]
    assert [stream.values[:, 0].tolist() for stream in streams] == [[0, 1, 2], [3, 4, 5, 6]]
    assert streams[1].timestamps_ns[0] == 30_000_000


def test_a_take_of_another_label_may_begin_at_zero_again():
    text = "time_ms,x,label\n0,1,a\n10,2,a\n0,3,b\n10,4,b\n"
    streams = [frame_recording(recording) for _, recording in taken(text, label_column="label").recordings]
    assert [stream.timestamps_ns.tolist() for stream in streams] == [[0, 10_000_000]] * 2


def test_rows_without_a_label_are_counted():
    found = taken("time_ms,x,label\n0,1,a\n10,2,a\n20,9,\n30,3,a\n40,4,a\n", label_column="label")
    assert [label for label, _ in found.recordings] == ["a", "a"]
    assert found.left_out == ["1 rows without a label"]


@pytest.mark.parametrize(
    ("text", "how", "said"),
    [
        (LABELLED, {"label_column": "mood"}, r"has no column mood: choose .* time_ms, x, activity"),
        ("time_ms;x\n0;1,5\n10;1.5\n", {}, "line 3: it has decimal commas and decimal points"),
        ('time_ms,x\n0,999\n10,"1,000"\n', {}, "line 3: a comma divides thousands"),
        ('time_ms,x\n0,"-1,000"\n10,"1,001"\n20,-5\n', {}, "line 4: a comma divides thousands"),
        ("time_ms,x\n0,1\n10,\n", {}, "line 3: '' is no number"),
        ("time_ms,x\n0,1\n10\n", {}, "line 3 has 1 cells and the header 2"),
        ("1,2\n3,4\n5\n", {"rate_hz": 10}, "line 3 has 1 cells and the first row 2"),
        ("time_ms,x\n0,1\noops,2\n", {}, "line 3: 'oops' is no number"),
        ("some words\nand more\n", {}, "at least one channel"),
        (b"time_ms,x\n0,\xff\n", {}, "cannot be read as UTF-8"),
        ("time_s,l,x\n" + "0,1,1\n0,2,1\n" * 3000, {"label_column": "l"}, "sort the rows"),
    ],
)  # fmt: skip
def test_tables_that_do_not_do(text, how, said):
    with pytest.raises(CaptureError, match=said):
        taken(text, **how)


def test_a_quoted_comma_is_decimal_where_no_whole_number_says_otherwise():
    for cells, values in ((["1,500", "2,250"], [1.5, 2.25]), (["0,981", "1,250", "12"], [0.981, 1.25, 12])):
        rows = "".join(f'{n * 10},"{cell}"\n' for n, cell in enumerate(cells))
        assert read(f"time_ms,x\n{rows}").values[:, 0].tolist() == values
    assert read("time_ms;x\n0;1,250\n10;12\n").values[:, 0].tolist() == [1.25, 12]


def test_names_become_what_a_header_can_hold():
    assert read('time_ms,"a, b",1,a:b,\n0,1,2,3,4\n5,6,7,8,9\n').names == (
        "a_b",
        "channel_1",
        "a_b_2",
        "channel_3",
    )


def test_records_and_takes_of_numpy(tmp_path):
    records = np.array([(0.0, 1), (0.01, 2), (0.02, 3)], [("time_s", "f8"), ("x", "i2")])
    np.save(tmp_path / "r.npy", records)
    stream = read((tmp_path / "r.npy").read_bytes())
    assert (stream.names, stream.values[:, 0].tolist()) == (("x",), [1, 2, 3])
    assert stream.rate_hz == pytest.approx(100)
    np.save(tmp_path / "t.npy", np.arange(24, dtype=np.float32).reshape(2, 4, 3))
    assert len(taken((tmp_path / "t.npy").read_bytes(), rate_hz=10).recordings) == 2
    np.save(tmp_path / "wide.npy", np.zeros((3, 1000)))
    with pytest.raises(CaptureError, match="transposed"):
        taken((tmp_path / "wide.npy").read_bytes(), rate_hz=10)


def test_json_rows_nest():
    rows = '{"t": 0, "acc": {"x": 1, "y": 2}, "g": [3, 4]}', '{"t": 10, "acc": {"y": 5, "x": 6}, "g": [7, 8]}'
    text = "\n".join(rows)
    stream = read(text)
    assert stream.names == ("acc_x", "acc_y", "g_0", "g_1")
    assert stream.values.tolist() == [[1, 2, 3, 4], [6, 5, 7, 8]]
    with pytest.raises(CaptureError, match="line 2 has b, which the first row has not"):
        taken('{"t": 0, "a": 1}\n{"t": 1, "b": 1}\n')


def test_edge_impulse_of_other_programs():
    text = '{"payload": {"interval_ms": 16, "sensors": [{"name": "audio"}], "values": [1, 2, [3]]}}'
    stream = read(text)
    assert stream.values[:, 0].tolist() == [1, 2, 3] and stream.rate_hz == pytest.approx(62.5)
    with pytest.raises(UnknownTimeError, match="--rate-hz"):
        taken(text.replace("16", "0"))
    for broken in ('"values": 3', '"valves": [1]'):
        with pytest.raises(CaptureError, match="no list of values"):
            taken(text.replace('"values": [1, 2, [3]]', broken))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["ready", "x:1,y:2", "x:3,y:4", "x:5,y:6"], ("x", "y")),
        (["ready", "ax,ay", "1,2", "3,4", "5,6"], ("ax", "ay")),
        (["1\t2", "3\t4", "5\t6"], ("channel_0", "channel_1")),
    ],
)
def test_the_clock_of_the_serial_monitor_is_the_time(lines, names, end):
    text = "".join(f"16:24:05.{n * 20:03d} -> {line}{end}" for n, line in enumerate(lines))
    stream = read(text)
    assert (stream.names, stream.values.tolist()) == (names, [[1, 2], [3, 4], [5, 6]])
    assert stream.rate_hz == pytest.approx(50)
