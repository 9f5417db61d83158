"""Images of the genuine Arduino core, which a user has built: `pytest --genuine DIR` runs its .elf and .bin.

    arduino-cli compile --fqbn arduino:samd:mkrzero --output-dir DIR SKETCH

Each boots and runs without a fault; by its file's name a sketch has to do more: one called ...blink... to
change its LED, ...keyboard... to take what is typed on its USB port, ...selftest... to say PASS.
"""

from pathlib import Path

import pytest

from zerotap.firmware.simulation.board import Board

SECONDS = 1.0
TYPED = "Hi"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    folder = metafunc.config.getoption("genuine")
    images = (
        sorted(each for each in Path(folder).iterdir() if each.suffix in (".elf", ".bin")) if folder else []
    )
    reason = f"no image in {folder}" if folder else "needs --genuine DIR: images of the Arduino core"
    cases = [pytest.param(each, id=each.name) for each in images]
    metafunc.parametrize("image", cases or [pytest.param(None, marks=pytest.mark.skip(reason=reason))])


@pytest.mark.genuine
def test_a_genuine_image_does_what_its_name_says(image):
    board, name = Board(image), image.name.lower()
    board.usb.keyboard.type(TYPED)
    board.run_until(seconds=SECONDS)
    if "keyboard" in name:
        assert board.run_until(lambda: not board.usb.keyboard.waiting, seconds=20)
    if "blink" in name:
        assert len({change.level for change in board.pins.changes if change.pin == "PB08"}) == 2
    if "selftest" in name:
        assert board.run_until(lambda: b"PASS" in board.uart.received + board.usb.serial.received, seconds=10)
    assert board.seconds >= SECONDS
