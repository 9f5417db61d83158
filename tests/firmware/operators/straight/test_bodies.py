"""A long loop's way back takes as long whatever branches in it do."""

import pytest

from zerotap.firmware.c_code.assembly import code_bytes, instructions
from zerotap.firmware.operators.straight.bodies import turned

CLAMP = instructions("cmp r2, r3", "ble 8f", "mov r2, r3", "8:")


@pytest.mark.parametrize("before", range(990, 1006))
def test_no_place_to_jump_to_is_where_a_branch_goes_by(before):
    lines = turned([*instructions(*["nop"] * before), *CLAMP, *instructions(*["nop"] * 400)]).lines
    assert list(lines[lines.index(CLAMP[1]) :][:3]) == CLAMP[1:]


def test_every_jump_back_reaches_the_place_before():
    lines = turned(instructions(*["nop"] * 3500)).lines
    places = [at for at, line in enumerate(lines) if line in ("1:", "11:", "12:", "13:")]
    assert len(places) > 3
    jumps = [at for at, line in enumerate(lines) if line.startswith("    b 1") and line.endswith("b")]
    assert len(jumps) == len(places)
    for place, jump in zip(places, jumps, strict=True):
        assert code_bytes(lines[place : jump + 1]) < 2048
