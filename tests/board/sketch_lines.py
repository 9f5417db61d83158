"""What the sketches say of scores, computed on the host."""

from typing import Any

import numpy as np

from zerotap.firmware import open_artefact
from zerotap.firmware.library.percents import percent_of


def lines(one: Any, scores: Any, labels: tuple[str, ...]) -> list[str]:
    """A line for each row of an exported model's scores."""
    meaning = open_artefact(one.folder.parent / "model").class_scores()
    percent = percent_of(meaning, are_named=True, are_labels=False)
    said = []
    for row in scores:
        best = int(np.argmax(row))
        sure = f" {percent.of(row[None])[0, best]} %" if percent else ""
        said.append(f"{one.name}: {labels[best]}{sure}".replace("\n", " "))
    return said
