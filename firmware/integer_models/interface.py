"""What the C twin of an integer model gives: how it is called, ways to compute it, what each costs, its C.

A twin is a module of this package, entered in ``TWINS`` by the model's file name. It takes the model's value
(``features/integer_models/``) and gives C that computes ``scores()`` bit for bit. Everything around it is
written for it: NAME.h with its types and sizes, the choice among its implementations, the Arduino library,
NAME_push behind a pipeline, and the proof on the simulated board.

NAME.h, generated from this, declares for a twin that takes "ids" (a text's, as they come):

    typedef int32_t NAME_SCORE;
    #define NAME_BUCKETS     ids are 1 to NAME_BUCKETS
    #define NAME_OUTPUT_SIZE scores
    #define NAME_FLASH_BYTES
    void NAME_clear(void);                                 begins a text: sums and counts to zero
    void NAME_add(const int32_t *ids, int32_t count);      adds ids of the text; count may be 0
    void NAME_scores(NAME_SCORE *output);                  the text's scores so far; changes nothing

and for a twin that takes "features":

    typedef int32_t NAME_SCORE;
    #define NAME_INPUT_SIZE  features
    #define NAME_OUTPUT_SIZE scores
    #define NAME_FLASH_BYTES
    void NAME_invoke(const int32_t *input, NAME_SCORE *output);

Static memory is zero when the program starts and is then as after NAME_clear. ``input`` and ``output`` are
aligned to their elements and do not overlap. Ids are in their range: a pipeline gives no others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Takes = Literal["ids", "features"]
"""What a twin's functions take: see the module."""

IDS_A_CALL: Final = 16
"""How many ids NAME_push gives NAME_add at once, at most, and as many where it is measured."""


@dataclass(frozen=True, slots=True)
class TwinCode:
    """A twin's C: ``text``, which goes into NAME.c, and the runtime functions that it calls.

    ``text`` holds the constants (``static const``, ``ZEROTAP_ALIGNED``), the static state, and definitions
    of exactly the functions that NAME.h declares for what the twin takes. Before it come the includes of
    NAME.h and of the headers that ``runtime`` needs. Names other than those functions are ``static`` and need
    no prefix, nothing else is in NAME.c; or they begin with NAME_, where the model's assembly names them. No
    float, no division where a constant will do, no recursion, no call through a pointer, no switch that
    becomes a jump table: the stack must have a bound that the linked program shows.

    ``runtime`` names functions of ``firmware/runtime/`` ("zerotap_add_table"), each in a file called as it
    (.c, or .S and _portable.c); the header that declares it is found by the file's own #include, what it
    calls by ``_CALLS`` in ``c_code/runtime_library.py``.

    ``files``, name -> text, are the model's further files, such as NAME_forest.S, and what those include.
    """

    text: str
    runtime: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TwinImplementation:
    """One way to compute a model in C, and what it costs.

    ``kernel`` names it in reports ("int8 weights", "branches"). ``constant_bytes`` of flash and
    ``static_bytes`` of RAM hold to the byte; ``code_bytes`` of flash (the runtime's functions included) and
    ``stack_bytes`` are estimates of gcc -O2, not too low. Cycles of gcc -O2 with zero wait states: ``cycles``
    are the most that NAME_invoke takes whatever its input, ``cycles_min`` the least; of a twin that takes ids
    both are NAME_scores' (with NAME_clear), and ``cycles_per_id`` is what NAME_add takes for one more id.
    ``constant_time``: whether an inference (of ids: each id) takes the same cycles whatever it is of.
    ``emit(name)`` gives the C of the model called ``name``; the same model and name give the same text.
    """

    kernel: str
    constant_bytes: int
    code_bytes: int
    static_bytes: int
    stack_bytes: int
    cycles: int
    cycles_min: int
    constant_time: bool
    emit: Callable[[str], TwinCode]
    cycles_per_id: int = 0

    @property
    def flash_bytes(self) -> int:
        """Flash that the model adds to a program: an estimate."""
        return self.constant_bytes + self.code_bytes


class IntegerTwin(Protocol):
    """One module of this package; ``model`` is the value that its file name stands for."""

    TAKES: Takes
    """Which functions it has."""

    SMALLER: str
    """What makes such a model smaller, in words that end "train it with ...": "fewer buckets"."""

    def describe(self, model: Any) -> dict[str, int | str]:  # noqa: ANN401
        """Figures of the model for `zerotap analyse`, a few: {"buckets": 4096, "weight_bits": 8}."""

    def inputs(self, model: Any) -> int:  # noqa: ANN401
        """How many features the model takes; of a twin that takes ids, how many buckets there are."""

    def draw(self, model: Any, count: int, seed: int) -> NDArray[np.int32]:  # noqa: ANN401
        """Draw ``count`` rows that ``model.scores`` takes, int32, to verify it on where there is no dataset.

        Over all that a model can do: features beside each threshold and the limits of their range; ids in
        texts of none (all 0), one, and many. The same seed gives the same.
        """

    def implementations(self, model: Any) -> tuple[TwinImplementation, ...]:  # noqa: ANN401
        """Every way to compute it that gives its bits, at least one; the plan chooses among them.

        Chosen is the one with the least ``cycles`` (then ``cycles_per_id``) of those that fit the budget, or
        with `--optimise size` the one with the least flash; with `--constant-time` only among those with
        ``constant_time``.
        """
