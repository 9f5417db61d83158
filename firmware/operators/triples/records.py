"""The part of a layer's function that makes the records: lane after lane, four inputs at a time.

r0 the next inputs, r1 their record, r4 to r6 what the words are made with, r7 lanes left, r8 the lane's end,
r2 and r3 scratch.
"""

from __future__ import annotations

from typing import Final

from zerotap.firmware.operators.board_code.text import Text, immediate, moved

from .lanes import LANES, RECORD_BYTES, WORD_BYTES, Lanes

# r4 = 0x00FF00FF, r6 = 0x00800080, r5 = 0x80808080.
_MASKS: Final = (
    *("movs r4, #255", "lsls r6, r4, #16", "adds r4, r4, r6"),
    *("movs r6, #128", "lsls r5, r6, #16", "adds r6, r6, r5", "lsls r5, r6, #8", "adds r5, r5, r6"),
)
_WORDS: Final = (
    *("ldmia r0!, {r2}", "eors r2, r5", "lsrs r3, r2, #8"),
    *("ands r2, r4", "subs r2, r2, r6", "ands r3, r4", "subs r3, r3, r6"),
)
_BY_BYTES: Final = (
    *("ldrsb r2, [r0, r4]", "ldrsb r3, [r0, r6]", "lsls r3, r3, #16", "adds r2, r2, r3"),
    *("str r2, [r1, #0]", "adds r0, #1"),
    *("ldrsb r2, [r0, r4]", "ldrsb r3, [r0, r6]", "lsls r3, r3, #16", "adds r2, r2, r3"),
    *(f"str r2, [r1, #{RECORD_BYTES}]", "adds r0, #3", f"adds r1, #{2 * RECORD_BYTES}"),
)


def records(lanes: Lanes, masks: tuple[str, str]) -> Text:
    """The lines for inputs at r0 and records at r1; ``masks`` are where r4 and r6 stay behind them.

    The cycles are those of inputs that are aligned to 4 bytes.
    """
    text, slow = Text(), Text()
    text.add([*_MASKS, f"mov {masks[0]}, r4", f"mov {masks[1]}, r6", f"movs r7, #{LANES}"])
    text.add(["lsls r2, r0, #30", "bne 5f"])
    fours = lanes.records // 2
    at_once = next(each for each in (4, 2, 1) if fours % each == 0)
    text.include(_lanes(lanes, [line for four in range(at_once) for line in _four(four)], at_once))
    text.add(["b 6f"])
    text.label("5")
    slow.add(["movs r4, #0", "movs r6, #2"])
    slow.include(_lanes(lanes, _BY_BYTES, 1))
    text.include(slow, times=0)
    text.label("6")
    return text


def _four(number: int) -> list[str]:
    """Of the fours that are written out; the record moves on behind them."""
    at = 2 * RECORD_BYTES * number
    return [*_WORDS, f"str r2, [r1, #{at}]", f"str r3, [r1, #{at + RECORD_BYTES}]"]


def _lanes(lanes: Lanes, fours: list[str] | tuple[str, ...], at_once: int) -> Text:
    size, once, lane = 2 * lanes.records, Text(), Text()
    moves_on = fours is not _BY_BYTES
    once.add([*fours, *([f"adds r1, #{2 * RECORD_BYTES * at_once}"] if moves_on else [])])
    lane.add([*immediate("r2", size), "adds r2, r2, r0", "mov r8, r2"])
    lane.loop("4", once, lanes.records // 2 // at_once, ["cmp r0, r8"])
    lane.add(moved("r0", lanes.lane_bytes - size, "r2"))
    lane.add(moved("r1", WORD_BYTES - lanes.scratch_bytes, "r2"))
    text = Text()
    text.loop("3", lane, LANES, ["subs r7, #1"])
    return text
