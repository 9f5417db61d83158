"""What placement.py knows by name is what the operators' modules say of themselves."""

from zerotap.firmware.operators import OPERATORS
from zerotap.firmware.operators.parts.placement import ALIASES, IN_PLACE


def test_names_and_modules_agree() -> None:
    assert {name for name, module in OPERATORS.items() if module.ALIAS} == ALIASES
    assert {name for name, module in OPERATORS.items() if module.IN_PLACE} == IN_PLACE
