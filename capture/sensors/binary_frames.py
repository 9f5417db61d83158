"""Binary frames with a sync word: what ``examples/SensorStream`` sends, one frame a sample.

    0xA5 0x5A   sync word
    u8          sequence number, one more in every frame; 0 follows 255
    u8          number of channels, 1 to 255
    i16 * n     the sample of every channel, little endian
    u8          CRC-8 (polynomial 0x07, start 0, as SMBus has it) of all between the sync word and itself

After a loss or a damaged byte the next frame with a right CRC is found wherever it begins. A CRC-8 lets one
damaged frame in 256 pass: of two that overlap, the one with another sync word behind it is taken.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from functools import cache
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np

from .samples import Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture.packet import Recording

SYNC = b"\xa5\x5a"
OVERHEAD_BYTES = 5
SEQUENCE_NUMBERS = 256
_CHANNELS_AT = 3
_MOST_CHANNELS = 255
_CHUNK_BYTES = 1 << 15  # of the search for sync words: bounds the memory
_CRC_ROW_BYTES = 512  # at most: as many steps as a row has bytes


def find_frames(recording: Recording) -> Samples:
    """Find every intact frame of the recording; ``values`` are int16.

    Where frames differ in their number of channels, those that most have are taken. ``lost`` is counted by
    the sequence numbers: 256 frames lost in one place, or a board that starts anew, are not told apart.
    """
    data = recording.payload
    channels, starts = _intact(data)
    length = OVERHEAD_BYTES + 2 * channels
    frames = _rows(data, starts, length)
    steps = np.diff(frames[:, 2].astype(np.int64))
    lost = np.mod(steps - 1, SEQUENCE_NUMBERS)
    by_packet = np.searchsorted(starts + length, recording.offsets[1:].astype(starts.dtype), side="right")
    numbers = np.arange(len(starts)) + np.cumsum(np.append(0, lost))[: len(starts)]
    return Samples(
        values=np.ascontiguousarray(frames[:, _CHANNELS_AT + 1 : -1]).view("<i2").astype(np.int16),
        by_packet=by_packet,
        numbers=numbers[np.maximum(by_packet, 1) - 1] if len(numbers) else np.zeros_like(by_packet),
        whole_bytes=len(starts) * length,
        lost=int(lost.sum()),
    )


def encode_frames(values: NDArray[np.int16], first_sequence: int = 0) -> bytes:
    """Frame samples, int16 (n, channels), as a board does; ``first_sequence`` is 0 to 255."""
    count, channels = values.shape
    body = np.empty((count, 2 + 2 * channels), np.uint8)
    body[:, 0] = np.arange(first_sequence, first_sequence + count) % SEQUENCE_NUMBERS
    body[:, 1] = channels
    body[:, 2:] = np.ascontiguousarray(values, "<i2").view(np.uint8).reshape(count, 2 * channels)
    sync = np.tile(np.frombuffer(SYNC, np.uint8), (count, 1))
    return np.hstack([sync, body, crc8(body)[:, None]]).tobytes()


def _crc8_table() -> NDArray[np.uint8]:
    table = np.arange(256)
    for _ in range(8):
        table = (table << 1 ^ np.where(table & 0x80, 0x07, 0)) & 0xFF
    return table.astype(np.uint8)


_CRC8 = _crc8_table()


def crc8(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the CRC-8 of every row of (n, bytes), uint8 (n,)."""
    crc = np.zeros(len(rows), np.uint8)
    for column in rows.T:
        crc = _CRC8[crc ^ column]
    return crc


@cache
def _zeros_after() -> NDArray[np.uint8]:
    """Row k: the CRC that each CRC becomes after k bytes of 0, uint8 (k, 256)."""
    rows = [np.arange(256, dtype=np.uint8)]
    for _ in range(max(_CRC_ROW_BYTES, OVERHEAD_BYTES + 2 * _MOST_CHANNELS)):
        rows.append(_CRC8[rows[-1]])
    return np.array(rows)


def _running_crc8(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the CRC-8 of the first 0, 1, 2 ... bytes of ``data``, uint8 (n + 1,).

    A CRC is linear, so that of any stretch follows from those at its two ends: every frame that may begin
    somewhere is checked at once, however long it says that it is and however many overlap.
    """
    width = min(_CRC_ROW_BYTES, 1 + isqrt(len(data)))
    rows = -(-len(data) // width)
    running = np.zeros((rows, width), np.uint8)
    running.reshape(-1)[: len(data)] = data
    crc = np.zeros(rows, np.uint8)
    for column in running.T:
        crc = column[:] = _CRC8[crc ^ column]
    over_row, before = _zeros_after()[width].tolist(), [0]
    for of_row in crc.tolist():
        before.append(of_row ^ over_row[before[-1]])
    for place in range(width):
        running[:, place] ^= _zeros_after()[place + 1][before[:-1]]
    return np.concatenate([np.zeros(1, np.uint8), running.reshape(-1)[: len(data)]])


def _intact(data: NDArray[np.uint8]) -> tuple[int, NDArray[np.int64]]:
    """The number of channels that most intact frames have, and where those begin, int64 (n,)."""
    found = list(_with_right_crc(data))
    starts = np.concatenate([part for part, _ in found] or [np.empty(0, np.int64)])
    counts = np.concatenate([part for _, part in found] or [np.empty(0, np.uint8)])
    channels = int(np.bincount(counts).argmax()) if len(counts) else 1
    starts = starts[counts == channels]
    return channels, _without_overlaps(data, starts, OVERHEAD_BYTES + 2 * channels)


def _with_right_crc(data: NDArray[np.uint8]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
    """Yield where whole frames with a right CRC begin, and their channels, a stretch at a time."""
    crcs, zeros_after = _running_crc8(data), _zeros_after()
    for first in range(0, max(0, len(data) - _CHANNELS_AT), _CHUNK_BYTES):
        head = data[first : first + _CHUNK_BYTES + 1]
        starts = np.flatnonzero((head[:-1] == SYNC[0]) & (head[1:] == SYNC[1])) + first
        starts = starts[starts + _CHANNELS_AT < len(data)]
        channels = data[starts + _CHANNELS_AT]
        ends = starts + OVERHEAD_BYTES + 2 * channels.astype(np.int64)
        is_whole = (channels > 0) & (ends <= len(data))
        starts, channels, ends = starts[is_whole], channels[is_whole], ends[is_whole]
        bodies = starts + len(SYNC)
        # Over its own value a CRC is 0.
        is_right = crcs[ends] == zeros_after[ends - bodies, crcs[bodies]]
        yield starts[is_right], channels[is_right]


def _rows(data: NDArray[np.uint8], starts: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
    if not len(starts):
        return np.empty((0, length), np.uint8)
    rows: NDArray[np.uint8] = np.lib.stride_tricks.sliding_window_view(data, length)[starts]
    return rows


def _without_overlaps(data: NDArray[np.uint8], starts: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    if not (np.diff(starts) < length).any():
        return starts
    kept = array("q")
    for start in memoryview(starts.data):
        if not kept or start >= kept[-1] + length:
            kept.append(start)
        elif not SYNC.startswith(data[kept[-1] + length :][: len(SYNC)].tobytes()):
            kept[-1] = start
    return np.frombuffer(kept, np.int64)
