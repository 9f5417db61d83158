"""Docstrings become reStructuredText that says the same."""

from docstrings import as_restructured_text


def converted(text: str) -> str:
    return "\n".join(as_restructured_text(text.splitlines()))


def test_code_is_code_and_marks_are_text() -> None:
    assert converted("`a*b` of ``c`` (n, *shape) | name_") == r"``a*b`` of ``c`` (n, \*shape) \| name\_"


def test_an_indented_block_is_literal() -> None:
    assert converted("One:\n    a  *b*\n\n    c\nTwo") == "One:\n\n::\n\n    a  *b*\n\n    c\n\nTwo"


def test_a_list_stays_a_list() -> None:
    assert converted("One:\n- a\n  more\n- b\n\nTwo") == "One:\n\n- a\n  more\n- b\n\n\nTwo"
