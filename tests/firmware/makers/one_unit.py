"""Many generated models as one unit of C: a compiler takes longer to start than for one model."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

_OWN = re.compile(r"\b(?:arena|initial_states|layer_\d\w*|states)\b")
# Constants that layers share: a file's own, but of one name in every file.
_SHARED = re.compile(r"^(?:ZEROTAP_ALIGNED )?static const \w+ (\w+)\[", re.MULTILINE)


PROGRAM_BYTES = 160_000
Made = TypeVar("Made")


def batches(cases: Sequence[Made], flash_bytes: Callable[[Made], int], most: int) -> Iterator[list[Made]]:
    """As many at once as a program of the board holds by the cost model, and not more than ``most``."""
    batch: list[Made] = []
    size = 0
    for case in cases:
        more = flash_bytes(case)
        if batch and (len(batch) == most or size + more > PROGRAM_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(case)
        size += more
    if batch:
        yield batch


def in_one_unit(models: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Files (name -> text) with one unit, models.c, for all models (name -> files), and the runtime's units.

    A model's text is compiled as it is; static names that every model has are kept apart by the preprocessor.
    """
    made = {name: text for files in models.values() for name, text in files.items()}
    shared = {name: text for name, text in made.items() if name.startswith("zerotap_")}
    lines = [f'#include "{name}"' for name in shared if name.endswith(".h") and "_H\n" in shared[name]]
    for model, files in models.items():
        for source in (name for name in files if name.endswith(".c") and name not in shared):
            own = sorted({*_OWN.findall(files[source]), *_SHARED.findall(files[source])})
            lines += [f"#define {name} {model}_{name}" for name in own]
            lines += [f'#include "{source}.inc"', *(f"#undef {name}" for name in own)]
    texts = {f"{name}.inc" if name.endswith(".c") else name: made[name] for name in made.keys() - shared}
    return {**shared, **texts, "models.c": "\n".join(lines) + "\n"}
