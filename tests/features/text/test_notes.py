"""What is said beside a text: missing releases, num lock, caps lock; nothing where nothing is assumed."""

import numpy as np
import pytest

from zerotap.capture import Typist
from zerotap.features.text.notes import notes_on

MISSING = "releases are missing, no report has every key up: a key struck twice in a row may stand once"
REPEATS = "{} reports repeat the one before: read as held keys; a lost release hides a letter"
NUM_LOCK = "num lock taken as {} throughout{}: no report tells; for the other, --num-lock {}"
CAPS = "caps lock taken as off before its first press: no report tells"


def _notes(*keys, num_lock=True):
    return list(notes_on(np.array([[0, 0, key, 0, 0, 0, 0, 0] for key in keys], np.uint8), num_lock))


@pytest.mark.parametrize(
    ("keys", "notes"),
    [
        ([4, 0, 5, 0], []),
        ([4], []),  # the capture ends while a key is down
        ([4, 5, 6], [MISSING]),
        ([4, 4, 5], [MISSING, REPEATS.format(1)]),
        ([4, 0, 15, 15, 15, 0], [REPEATS.format(2)]),
        ([4, 4, 0, 0, 5, 0], []),  # a keyboard that repeats itself
        ([0x39, 0, 4, 0], [CAPS]),
        ([0x59, 0], [NUM_LOCK.format("on", "", "off")]),
        ([0x53, 0, 0x59, 0], [NUM_LOCK.format("on", ", although its key is pressed", "off")]),
        ([0x57, 0, 0x58, 0, 0x53, 0], []),  # the same either way
    ],
)
def test_notes(keys, notes):
    assert _notes(*keys) == notes


def test_num_lock_off_is_said_too():
    assert _notes(0x59, 0, num_lock=False) == [NUM_LOCK.format("off", "", "on")]


def test_ordinary_typing_has_no_notes():
    reports = [report.data for report in Typist().type("The quick brown fox, 3 times! aabb", 0)]
    assert not list(notes_on(np.frombuffer(b"".join(reports), np.uint8).reshape(-1, 8), True))
