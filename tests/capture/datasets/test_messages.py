import pytest

from zerotap.capture.datasets.messages import Message, read_messages
from zerotap.errors import CaptureError


def _csv(tmp_path, content):
    path = tmp_path / "messages.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_columns_are_found_by_name_and_others_ignored(tmp_path):
    path = _csv(tmp_path, 'id,text,label\n1,"hello, ""you""",calm\n\n2,"two\nlines",angry\n')
    assert read_messages(path) == [Message("calm", 'hello, "you"'), Message("angry", "two\nlines")]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    path = _csv(tmp_path, b"\xef\xbb\xbflabel,text\r\na,caf\xc3\xa9\r\n")
    assert read_messages(path) == [Message("a", "café")]


def test_limit_stops_before_later_rows_are_judged(tmp_path):
    path = _csv(tmp_path, "label,text\na,one\nb,two\nc,\n")
    assert [message.text for message in read_messages(path, limit=2)] == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "place", "advice"),
    [
        ("", "line 1", "label and text"),
        ("label,message\na,b\n", "line 1", "'label,message'"),
        ("label;text\na;b\n", "line 1", "add or rename"),
        ("label,text\n", "line 2", "no messages"),
        ("label,text\na,one\nb,\n", "line 3", "empty text"),
        ("label,text\na,one\nb,   \n", "line 3", "empty text"),
        ('label,text\na,"one\ntwo"\n,x\n', "line 4", "empty label"),
        ("label,text\na,one, two\n", "line 2", "3 fields, but the header has 2"),
        ("label,text\na\n", "line 2", "1 fields"),
        ('label,text\na,"never closed\nb,c\n', "line 2", "mend the row"),
        (b"label,text\na,\xff\xfe\n", "byte 13", "save the file as UTF-8"),
    ],
)
def test_bad_files_are_refused_by_place(tmp_path, content, place, advice):
    path = _csv(tmp_path, content)
    with pytest.raises(CaptureError) as refused:
        read_messages(path)
    assert str(refused.value).startswith(f"{path}, {place}: ")
    assert advice in str(refused.value)


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(CaptureError, match="cannot be read"):
            read_messages(path)
