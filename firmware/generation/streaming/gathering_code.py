"""What becomes of the last level's rows in C: ``gather`` takes one, ``finish`` ends a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rings import lines

if TYPE_CHECKING:
    from zerotap.firmware.planning.streaming.gathering import Gathering


class GatheringCode:
    """C of one way to gather; ``level`` is the number of the last level."""

    def __init__(self, gathering: Gathering, level: int, tail: str) -> None:
        self._gathering, self._level, self._tail = gathering, level, tail
        self._emission = gathering.scaling.emit("gathered") if gathering.scaling else None

    @property
    def memory(self) -> list[str]:
        """The places, and what counts in them."""
        one = self._gathering
        if one.kind == "rows":
            return self._kept_memory()
        if one.kind in ("maxima", "sums"):
            return self._slots_memory()
        return self._moving_memory()

    def _kept_memory(self) -> list[str]:
        one = self._gathering
        twice = ", each twice: a window's lie together" if one.is_repeated else ""
        return [
            f"/* The last layer's {one.rows} rows of {one.row_bytes} bytes{twice}; which row is next. */",
            f"ZEROTAP_ALIGNED static int8_t kept[{one.slots * one.slot_bytes}];",
            f"static uint16_t next_row[{one.slots}];",
        ]

    def _slots_memory(self) -> list[str]:
        one, is_sum = self._gathering, self._gathering.kind == "sums"
        what = "The sum" if is_sum else "The largest"
        array = f"int32_t gathered[{one.slots * one.row_bytes}]"
        if not is_sum:
            array = f"zerotap_word_t gathered[{one.slots * one.words}]"
        return [
            f"/* {what} of each channel so far, for {one.slots} windows; how many rows are to come; which",
            " * window of a stream began last; which begins next. */",
            f"ZEROTAP_ALIGNED static {array};",
            f"static uint16_t to_come[{one.slots}], newest{f'[{one.streams}]' if one.streams > 1 else ''};",
            "static int32_t begun;",
            *self._row_memory(),
        ]

    def _moving_memory(self) -> list[str]:
        one = self._gathering
        if one.kind == "moving maxima":
            return [
                f"/* The largest of each channel over the newest {one.rows} rows, of older ones over half",
                " * as many, and so on; the number of rows. */",
                f"static zerotap_word_t largest[{one.streams * one.words}];",
                f"static zerotap_word_t older[{one.streams * (one.rows - 1) * one.words}];",
                f"static zerotap_word_t spare[{one.words}];",
                f"static zerotap_moving_t moving[{one.streams}];",
            ]
        return [
            f"/* Each channel's sum over the newest {one.rows} rows, these, and which is the oldest. */",
            f"static int32_t gathered[{one.streams * one.row_bytes}];",
            f"static int8_t older[{one.streams * one.rows * one.row_bytes}];",
            f"static uint16_t oldest_row[{one.streams}];",
            *self._row_memory(),
        ]

    def _row_memory(self) -> list[str]:
        one = self._gathering
        return [] if one.scaling is None else [f"ZEROTAP_ALIGNED static int8_t scaled[{4 * one.words}];"]

    @property
    def resets(self) -> list[str]:
        """Statements that begin a recording."""
        one = self._gathering
        if one.kind == "rows":
            return _loop("stream", one.slots, ["next_row[stream] = 0;"])
        if one.kind in ("maxima", "sums"):
            return ["begun = 0;", *_loop("slot", one.slots, ["to_come[slot] = 0;"])]
        if one.kind == "moving maxima":
            return _loop("stream", one.streams, ["moving[stream].count = moving[stream].last = 0;"])
        sums, rows = one.streams * one.row_bytes, one.streams * one.rows * one.row_bytes
        return [
            *_loop("i", sums, ["gathered[i] = 0;"]),
            *_loop("i", rows, ["older[i] = 0;"]),
            *_loop("stream", one.streams, ["oldest_row[stream] = 0;"]),
        ]

    @property
    def gather(self) -> str:
        """The function that takes a row of a stream."""
        bodies = {
            "rows": self._keep,
            "maxima": self._into_slots,
            "sums": self._into_slots,
            "moving maxima": self._moving_max,
            "moving sums": self._moving_sum,
        }
        statements = lines(bodies[self._gathering.kind]())
        head = "static void gather(const int8_t *row, int32_t stream)"
        return f"{self._larger}{head}\n{{\n{statements}}}\n"

    def _keep(self) -> list[str]:
        one = self._gathering
        row, copies = one.row_bytes, ["at[i] = row[i];"]
        if one.is_repeated:
            copies.append(f"at[i + {one.rows * row}] = row[i];")
        return [
            f"int8_t *at = kept + {one.slot_bytes} * stream + {row} * next_row[stream];",
            *_loop("i", row, copies),
            f"next_row[stream] = next_row[stream] + 1 == {one.rows} ? 0 : (uint16_t)(next_row[stream] + 1);",
        ]

    def _into_slots(self) -> list[str]:
        one = self._gathering
        newest = "newest[stream]" if one.streams > 1 else "newest"
        return [
            f"if (tracks_{self._level}[stream].left == {one.rows - 1}) {{",
            f"    {newest} = (uint16_t)begun;",
            f"    to_come[begun] = {one.rows};",
            f"    begun = begun + 1 == {one.slots} ? 0 : begun + 1;",
            "}",
            self._taken(newest),
            f"for (int32_t slot = stream; slot < {one.slots}; slot += {one.streams}) {{",
            "    if (to_come[slot] > 0 && --to_come[slot] == 0) {",
            *self._joined(),
            "    }",
            "}",
        ]

    def _taken(self, slot: str) -> str:
        """The statement by which a row counts in a place."""
        one, is_first = self._gathering, f"to_come[{slot}] == {self._gathering.rows}"
        if one.kind == "sums":
            return f"zerotap_add_row(row, gathered + {one.row_bytes} * {slot}, {one.row_bytes}, {is_first});"
        return f"larger((const zerotap_word_t *)(const void *)row, {slot}, {is_first});"

    def _joined(self) -> list[str]:
        """Statements by which the windows that began later join a place; none are where none overlap."""
        one = self._gathering
        if one.overlapping == 1:
            return ["        /* Its last row: no other window has rows of it. */"]
        size = one.row_bytes
        join = f"zerotap_add_sums(gathered + {size} * later, gathered + {size} * slot, {size});"
        if one.kind == "maxima":
            join = f"larger(gathered + {one.words} * later, slot, 0);"
        return [
            "        /* Its last row: those that began later have the rows behind their own first. */",
            f"        for (int32_t later = stream; later < {one.slots}; later += {one.streams}) {{",
            "            if (to_come[later] > 0 && later != slot) {",
            f"                {join}",
            "            }",
            "        }",
        ]

    @property
    def _larger(self) -> str:
        one = self._gathering
        if one.kind != "maxima":
            return ""
        shape = f"{one.words}u << 16 | 1u"
        return f"""/* A place keeps the larger bytes of what it has and of values, or takes these. */
static void larger(const zerotap_word_t *values, int32_t slot, int32_t is_first)
{{
    zerotap_word_t *most = gathered + {one.words} * slot;
    zerotap_line_max(is_first ? values : most, values, {shape}, most);
}}

"""

    def _moving_max(self) -> list[str]:
        one = self._gathering
        return [
            "const zerotap_word_t *values = (const zerotap_word_t *)(const void *)row;",
            f"zerotap_word_t *most = largest + {one.words} * stream;",
            *_loop("i", one.words, ["most[i] = values[i];"]),
            f"zerotap_moving_max(most, older + {(one.rows - 1) * one.words} * stream, spare, "
            f"&moving[stream], {one.words}u << 16 | {one.rows}u);",
        ]

    def _moving_sum(self) -> list[str]:
        one = self._gathering
        row = one.row_bytes
        return [
            f"int8_t *place = older + {one.rows * row} * stream + {row} * oldest_row[stream];",
            f"zerotap_moving_sum(row, place, gathered + {row} * stream, {row});",
            f"oldest_row[stream] = oldest_row[stream] + 1 == {one.rows} ? 0 : "
            "(uint16_t)(oldest_row[stream] + 1);",
        ]

    @property
    def finish(self) -> str:
        """The function that computes the result of the window that is complete, the oldest one."""
        one = self._gathering
        following = f"oldest = oldest + 1 == {one.slots} ? 0 : oldest + 1;" if one.slots > 1 else ""
        statements = lines([*self._result(), *([following] if following else [])])
        constants = self._emission.constants if self._emission else ""
        head = "/* The layers behind, for the window that is complete. */"
        text = f"{head}\nstatic void finish({self._tail}_SCORE *output)\n{{\n{statements}}}\n"
        return constants + self._scaled() + text

    def _scaled(self) -> str:
        if self._emission is None:
            return ""
        return (
            f"static void scale(const int32_t *sums, int8_t *output)\n{{\n    {self._emission.body}\n}}\n\n"
        )

    def _result(self) -> list[str]:
        one = self._gathering
        if one.scaling is not None:
            return [
                f"scale(gathered + {one.row_bytes} * oldest, scaled);",
                f"{self._tail}_invoke(scaled, output);",
            ]
        if one.kind == "moving maxima":
            return [f"{self._tail}_invoke((const int8_t *)(largest + {one.words} * oldest), output);"]
        if one.kind == "maxima":
            return [f"{self._tail}_invoke((const int8_t *)(gathered + {one.words} * oldest), output);"]
        moved = f" + {one.row_bytes} * next_row[oldest]" if one.is_repeated else ""
        return [f"{self._tail}_invoke(kept + {one.slot_bytes} * oldest{moved}, output);"]


def _loop(name: str, count: int, statements: list[str]) -> list[str]:
    head = f"for (int32_t {name} = 0; {name} < {count}; {name}++) {{"
    return [head, *(f"    {each}" for each in statements), "}"]
