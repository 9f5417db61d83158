"""What explains how constants lie is said once a model; ranges are said for each layer."""

from zerotap.firmware.generation.comments import said_once

TWO = """/* No sum can leave [-7, 7]. */
/* A word has two weights,
 * of two outputs. */
static const int a[1] = {1};
"""


def test_the_second_layer_repeats_its_own_range_alone():
    said: set[str] = set()
    assert said_once(TWO, said) == TWO
    second = TWO.replace("7", "9")
    assert said_once(second, said) == "/* No sum can leave [-9, 9]. */\nstatic const int a[1] = {1};\n"
