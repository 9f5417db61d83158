"""Every example by gcc and zig, warnings being errors: run on our core, its Arduino side compiled."""

import pytest
from sketch_build import ARDUINO, SketchCompiler

from zerotap.firmware.simulation.board import Board as SimulatedBoard

BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
SKETCHES = {
    "keys": ["KeyboardHost", "SelfTest", "SerialStream"],
    "motion": ["Classify", "SelfTest", "SensorRecorder", "SerialStream"],
}


@pytest.mark.parametrize("compiler", BOTH)
@pytest.mark.parametrize("name", SKETCHES)
def test_every_sketch_boots_and_compiles_for_arduino(
    name: str, compiler: str, exported, images_by, tmp_path
) -> None:
    library = exported(name).folder
    assert {path.name for path in (library / "examples").iterdir()} == {*SKETCHES[name]}
    for sketch in SKETCHES[name]:
        board = SimulatedBoard(images_by(compiler).image(name, sketch))
        board.run_until(seconds=0.005)
        assert board.stack_used < 512
        place = library / "examples" / sketch
        units = [place / "port_arduino.cpp", place / f"{sketch}.ino"]
        SketchCompiler(compiler).objects(units, tmp_path / sketch, [ARDUINO, place, library / "src"])
