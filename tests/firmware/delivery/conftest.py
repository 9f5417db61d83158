"""Boards behind pseudo-terminals."""

import pytest
from stream_board import StreamBoard

from zerotap.firmware.delivery.messages import Identity


@pytest.fixture
def stream_board(tmp_path):
    """stream_board(identity, invoke, code): plug a board in; it is pulled out behind the test."""
    made = []

    def plug(identity: Identity, invoke=None, code=None) -> StreamBoard:
        made.append(StreamBoard(tmp_path / f"tty{len(made)}", identity, invoke, code))
        return made[-1]

    yield plug
    for board in made:
        board.end()
