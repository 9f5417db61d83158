"""SelfTest on the simulated board: the oracle's answers for windows and packets, and how long they take."""

import re

import pytest


@pytest.mark.parametrize(("name", "times"), [("keys", 2), ("motion", 1), ("notes", 1)])
def test_it_passes_again_and_again(name: str, times: int, exported, boot) -> None:
    board = boot(name, "SelfTest")
    board.run_until(lambda: board.uart.received.count(b"\n") == 3 * times, seconds=4)
    lines = board.uart.received.decode().splitlines()
    vectors = (exported(name).folder / "examples/SelfTest/vectors.h").read_text()
    expected = re.search(r"EXPECTED_CRC 0x(\w{4})", vectors)
    assert expected
    assert [line for line in lines if "CRC" in line] == [f"{name}: PASS, CRC {expected[1]}"] * times
    for line, what in zip(
        lines[:2], ("windows: 0 of 4 differ", r"items: 0 of \d+ results differ"), strict=True
    ):
        found = re.fullmatch(rf"{what}, (\d+) us, at most (\d+) us( an item)?", line)
        assert found and 0 < int(found[1]) <= int(found[2]) < 100_000


def test_a_wrong_answer_is_seen(boot, edited) -> None:
    board = boot("keys", edited("keys", "SelfTest", {"crc = 0xFFFF": "crc = 0xFFFE"}))
    board.run_until(lambda: board.uart.received.count(b"\n") == 3, seconds=2)
    assert b"keys: FAIL, CRC " in board.uart.received and b", which is to be " in board.uart.received
