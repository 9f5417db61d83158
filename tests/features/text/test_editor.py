"""The editor against one written another way: lines of text, a row and a column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import BACKSPACE, DELETE, DOWN, DVORAK, END, HOME, LEFT, RIGHT, UP, US
from zerotap.features.text.editor import edit
from zerotap.features.text.keyboard import KeyStroke

KEYS = {"<": LEFT, ">": RIGHT, "^": UP, "v": DOWN, "[": HOME, "]": END, "-": BACKSPACE, "+": DELETE}


def _strokes(keys):
    """Letters and newlines type themselves, signs are editing keys; a sign after an `S` is shifted."""
    strokes, shift = [], 0
    for key in keys:
        if key == "S":
            shift = 2
            continue
        strokes.append(KeyStroke(KEYS[key], shift, "") if key in KEYS else KeyStroke(4, 0, key))
        shift = 0
    return strokes


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("ac<b", "abc"),
        ("<-abc<<+", "ac"),
        ("abc---d", "d"),
        ("ab+-", "a"),
        ("bc[a]d", "abcd"),
        ("ab\ncd[x]y[-", "abxcdy"),
        ("abcd\ne\nfghi^^X", "abcdX\ne\nfghi"),  # the column of the last line is kept across the short one
        ("abcd\ne^X", "aXbcd\ne"),
        ("ab\ncd^^^X", "abX\ncd"),
        ("abvX", "abX"),
        ("abcS<S<X", "aX"),
        ("abcS[-", ""),
        ("abc[S]+", ""),
        ("abcS<S<<X", "aXbc"),  # an arrow without shift goes to the selection's edge
        ("abcS<S<>X", "abcX"),
        ("abS<S>-", "a"),  # nothing is left selected
        ("ab\ncdS^S<X", "aX"),
    ],
)
def test_editing(keys, text):
    assert edit(_strokes(keys)).text == text


CONTROL, SHIFT, INSERT = 0x01, 0x02, 0x49
SELECT_ALL, COPY, PASTE, CUT = (KeyStroke(US.strokes[letter].usage, CONTROL, "") for letter in "acvx")
COMMANDS = {
    "A": SELECT_ALL,
    "C": COPY,
    "V": PASTE,
    "X": CUT,
    "c": KeyStroke(INSERT, CONTROL, ""),
    "p": KeyStroke(INSERT, SHIFT, ""),
    "x": KeyStroke(DELETE, SHIFT, ""),
    "L": KeyStroke(LEFT, SHIFT, ""),
}


@pytest.mark.parametrize(
    ("keys", "text", "unapplied"),
    [
        ("1 2 A X V V", "1212", 0),
        ("1 2 L C > V", "122", 0),
        ("1 2 L c p p", "122", 0),  # the first paste goes over what is selected
        ("1 2 L x [ V", "21", 0),
        ("1 2 A 3", "3", 0),
        ("1 2 A -", "", 0),
        ("1 2 A C - V 3 V", "12312", 0),
        ("1 2 L X A X V", "1", 0),  # what was cut last
        ("1 2 A > 3", "123", 0),
        ("1 2 A < 3", "312", 0),
        ("1 C X V p", "1", 4),  # nothing is selected, and nothing was copied
        ("1 2 L C > C V", "122", 1),  # copying nothing keeps what was copied
        ("1 \n 2 A X 3 V", "31\n2", 0),
    ],
)
def test_selecting_copying_cutting_and_pasting(keys, text, unapplied):
    strokes = [COMMANDS[key] if key in COMMANDS else _strokes(key)[0] for key in keys.split(" ")]
    edited = edit(strokes)
    assert (edited.text, len(edited.unapplied)) == (text, unapplied)


def test_commands_go_by_the_letter_on_the_layout_and_by_control_alone():
    a, key_of_a = KeyStroke(4, 0, "a"), DVORAK.strokes["a"].usage
    select_all, cut = (KeyStroke(DVORAK.strokes[letter].usage, 0x10, "") for letter in "ax")
    assert edit([a, KeyStroke(key_of_a, CONTROL, ""), cut], DVORAK).text == ""
    others = (select_all._replace(modifiers=0x05), cut._replace(modifiers=0x03))
    assert edit([a, *others], DVORAK) == ("a", others)


def test_the_keypad_moves_without_num_lock_and_with_shift():
    def keypad(usage, shift=0):
        return KeyStroke(usage, shift, "")

    left, end, delete, five = 0x5C, 0x59, 0x63, 0x5D
    typed = _strokes("abc")
    x = _strokes("x")
    assert edit([*typed, keypad(left), *x], num_lock=False).text == "abxc"
    assert edit([*typed, *_strokes("["), keypad(delete), keypad(end), *x], num_lock=False).text == "bcx"
    assert edit([*typed, keypad(left, SHIFT), *x], num_lock=False).text == "abx"
    assert edit([*typed, keypad(left, SHIFT), *x], num_lock=True).text == "abxc"
    assert edit([*typed, keypad(five)], num_lock=False).unapplied == (keypad(five),)


def test_keys_that_edit_nothing_are_given_back():
    control_left, escape = KeyStroke(LEFT, 1, ""), KeyStroke(0x29, 0, "")
    edited = edit([KeyStroke(4, 0, "a"), control_left, escape, KeyStroke(4, 0, "´x")])
    assert edited == ("a´x", (control_left, escape))


class _Lines:
    """Rows and columns; a position is (row, column)."""

    def __init__(self):
        self.lines, self.at, self.mark, self.goal = [""], (0, 0), None, None

    def _cut(self, start, stop):
        (row, column), (last_row, last_column) = sorted((start, stop))
        self.lines[row : last_row + 1] = [self.lines[row][:column] + self.lines[last_row][last_column:]]
        self.at = (row, column)

    def _step(self, sign):
        row, column = self.at
        if sign == "<":
            if column:
                return row, column - 1
            return (row - 1, len(self.lines[row - 1])) if row else (0, 0)
        if column < len(self.lines[row]):
            return row, column + 1
        return (row + 1, 0) if row + 1 < len(self.lines) else (row, column)

    def _target(self, sign):
        row, column = self.at
        if sign in "<>":
            return self._step(sign)
        if sign in "[]":
            return row, 0 if sign == "[" else len(self.lines[row])
        other = row + (1 if sign == "v" else -1)
        if not 0 <= other < len(self.lines):
            return self.at
        self.goal = column if self.goal is None else self.goal
        return other, min(self.goal, len(self.lines[other]))

    def key(self, key, shift):
        if key not in "^v":
            self.goal = None
        selected = self.mark is not None and self.mark != self.at
        if key in "<>^v[]":
            edges = sorted((self.mark, self.at)) if selected else None
            collapse = selected and not shift and key in "<>"
            target = edges[key == ">"] if collapse else self._target(key)
            self.mark = (self.mark or self.at) if shift else None
            self.at = target
            return
        if key in "-+" and not selected:
            self._cut(self.at, self._step("<" if key == "-" else ">"))
        elif selected:
            self._cut(self.mark, self.at)
        self.mark = None
        if key not in "-+":
            row, column = self.at
            line = self.lines[row]
            self.lines[row : row + 1] = (line[:column] + key + line[column:]).split("\n")
            self.at = (row + 1, 0) if key == "\n" else (row, column + 1)


@given(st.lists(st.tuples(st.sampled_from("ab\n<>^v[]-+"), st.booleans())))
def test_the_editor_agrees_with_an_editor_of_lines(keys):
    naive = _Lines()
    for key, shift in keys:
        naive.key(key, shift and key in KEYS)
    edited = edit(
        _strokes([part for key, shift in keys for part in ("S" * (shift and key in KEYS), key) if part])
    )
    assert edited.text == "\n".join(naive.lines)
    assert not edited.unapplied


@given(st.text("abc\n", max_size=30), st.text("xy", max_size=5), st.integers(0, 30))
def test_what_is_typed_in_the_middle_stands_in_the_middle(text, inserted, steps):
    at = max(0, len(text) - steps)
    assert edit(_strokes(text + "<" * steps + inserted)).text == text[:at] + inserted + text[at:]
