"""Registers at once are those that Unicorn reads and writes one by one."""

from types import SimpleNamespace

import pytest
import unicorn
from unicorn import arm_const

from zerotap.errors import ToolchainError
from zerotap.firmware.simulation.core_registers import CoreRegisters

NAMES = [arm_const.UC_ARM_REG_SP, *(arm_const.UC_ARM_REG_R0 + i for i in range(8)), arm_const.UC_ARM_REG_LR]
WORDS = [0x2000_8000, *(0xFFFF_FFF0 + i for i in range(8)), 0x101]


@pytest.fixture
def core():
    return unicorn.unicorn_py3.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB)


def test_what_is_written_at_once_is_read_one_by_one(core):
    CoreRegisters(core, NAMES).write(WORDS)
    assert [core.reg_read(name) for name in NAMES] == WORDS


def test_what_is_written_one_by_one_is_read_at_once(core):
    for name, word in zip(NAMES, WORDS, strict=True):
        core.reg_write(name, word)
    assert CoreRegisters(core, NAMES).read() == WORDS


def test_fewer_values_leave_the_rest_as_it_was(core):
    registers = CoreRegisters(core, NAMES)
    registers.write(WORDS)
    registers.write([8, 9])
    assert registers.read() == [8, 9, *WORDS[2:]]


def test_a_refusal_is_an_error(core, monkeypatch):
    registers = CoreRegisters(core, NAMES)
    monkeypatch.setattr(unicorn.unicorn_py3.unicorn, "uclib", SimpleNamespace(uc_reg_read_batch=lambda *_: 6))
    with pytest.raises(ToolchainError, match="error 6"):
        registers.read()
