"""Frames: every one comes out as it went in, however the bytes are divided and whatever is around them."""

import binascii
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import ModelError
from zerotap.firmware.delivery.frames import MOST_PAYLOAD, SYNC, Frame, FrameReader, Kind
from zerotap.firmware.delivery.messages import Identity, Result

BYTES = st.integers(0, 255)
NOISE = st.binary(max_size=60).filter(lambda noise: SYNC[:1] not in noise)
FRAMES = st.builds(Frame, BYTES, BYTES, st.binary(max_size=40))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The bytes in pieces, cut at places modulo their length."""
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:stop] for start, stop in pairwise(edges)]


def read(reader: FrameReader, pieces: list[bytes]) -> list[Frame]:
    return [frame for piece in pieces for frame in reader.feed(piece)]


def test_a_frame_is_these_bytes():
    frame = Frame(Kind.WINDOW, 7, b"\x01\x02\x03")
    body = bytes([2, 7, 3, 0, 1, 2, 3])
    assert frame.encode() == SYNC + body + binascii.crc_hqx(body, 0xFFFF).to_bytes(2, "little")
    assert binascii.crc_hqx(b"123456789", 0xFFFF) == 0x29B1  # the check value of CRC-16/CCITT-FALSE
    assert Frame(Kind.HELLO, 0).encode().hex() == "a55a0100000074f2"


@given(st.lists(FRAMES, max_size=5), st.lists(st.integers(0, 999), max_size=9))
def test_frames_come_out_as_they_went_in(frames, places):
    reader = FrameReader(40)
    assert read(reader, cut(b"".join(frame.encode() for frame in frames), places)) == frames
    assert (reader.skipped, reader.damaged) == (0, 0)


@given(NOISE, FRAMES, st.lists(st.integers(0, 999)))
def test_noise_without_a_sync_byte_is_skipped_at_once(noise, frame, places):
    reader = FrameReader(40)
    assert read(reader, cut(noise + frame.encode(), places)) == [frame]
    assert (reader.skipped, reader.damaged) == (len(noise), 0)


@given(
    st.lists(FRAMES, min_size=1, max_size=4),
    st.data(),
    st.lists(st.integers(0, 999), max_size=9),
)
def test_damage_costs_what_it_touches_and_nothing_behind_what_its_length_can_hide(frames, data, places):
    """A byte in the first frame is another: all behind are found, once more bytes came than one may have."""
    sent = bytearray(frames[0].encode())
    place = data.draw(st.integers(0, len(sent) - 1))
    sent[place] ^= data.draw(st.integers(1, 255))
    behind = b"".join(frame.encode() for frame in frames[1:])
    quiet = bytes(40 + 8)
    found = read(FrameReader(40), cut(bytes(sent) + behind + quiet, places))
    assert frames[0] not in found[: len(found) - len(frames[1:])]
    assert found[len(found) - len(frames[1:]) :] == frames[1:]


@given(st.lists(FRAMES, min_size=1, max_size=4), st.data())
def test_a_lost_piece_costs_the_frames_that_it_is_of(frames, data):
    encoded = [frame.encode() for frame in frames]
    place = data.draw(st.integers(0, len(encoded) - 1))
    first = data.draw(st.integers(0, len(encoded[place]) - 1))
    stop = data.draw(st.integers(first + 1, len(encoded[place])))
    encoded[place] = encoded[place][:first] + encoded[place][stop:]
    found = FrameReader(40).feed(b"".join(encoded) + bytes(48))
    rest = frames[place + 1 :]
    assert found[:place] == frames[:place]
    assert found[len(found) - len(rest) :] == rest


@given(FRAMES.filter(lambda frame: frame.payload), FRAMES)
def test_a_frame_inside_a_damaged_one_is_found(outer, inner):
    sent = Frame(outer.kind, outer.sequence, outer.payload + inner.encode()).encode()
    damaged = sent[:-1] + bytes([sent[-1] ^ 1])
    assert FrameReader(200).feed(damaged)[-1:] == [inner]


def test_a_length_beyond_the_longest_is_no_frame():
    long, short = Frame(Kind.ITEM, 1, bytes(41)), Frame(Kind.ITEM, 2, bytes(40))
    reader = FrameReader(40)
    assert reader.feed(long.encode() + short.encode()) == [short]
    assert (reader.damaged, reader.skipped) == (1, len(long.encode()))
    with pytest.raises(ValueError, match="65536 bytes is more than 65535"):
        Frame(Kind.ITEM, 1, bytes(MOST_PAYLOAD + 1)).encode()


def test_a_beginning_can_be_dropped():
    frame = Frame(Kind.HELLO, 9)
    reader = FrameReader()
    assert reader.feed(Frame(Kind.ITEM, 1, bytes(30)).encode()[:20]) == []
    reader.drop()
    assert reader.feed(frame.encode()) == [frame]
    assert reader.skipped == 20


@given(st.integers(0, 65535), st.integers(1, 65535), st.sampled_from([1, 4]), st.integers(0, 65535))
def test_an_identity_comes_out_as_it_went_in(input_bytes, scores, score_bytes, item_bytes):
    identity = Identity(input_bytes, scores, score_bytes, item_bytes, "0123abcd")
    assert len(identity.encode()) == 16
    assert Identity.decode(identity.encode()) == identity


@pytest.mark.parametrize("dtype", ["int8", "int32"])
def test_a_result_comes_out_as_it_went_in(dtype):
    scores = np.array([-128, 0, 127], dtype)
    identity = Identity(8, 3, scores.itemsize, 8, "0123abcd")
    result = Result.decode(Result(2, 1234567, scores).encode(), identity)
    assert (result.left, result.microseconds) == (2, 1234567)
    assert result.scores.dtype == scores.dtype and np.array_equal(result.scores, scores)
    with pytest.raises(ModelError, match="sent scores of 5 bytes and not"):
        Result.decode(bytes(5), identity)


def test_another_protocol_is_told():
    other = b"\x02" + Identity(8, 2, 1, 0, "0123abcd").encode()[1:]
    for payload in (b"", other, other[:-1]):
        with pytest.raises(ModelError, match="speaks another protocol"):
            Identity.decode(payload)
    with pytest.raises(ModelError, match="3 scores of 2 bytes"):
        Identity.decode(Identity(8, 3, 2, 0, "0123abcd").encode())
