"""Pipelines, as TOML: python benchmarks/fuzz/fuzz_pipelines.py --seconds 600."""

import random
import re
import sys
from collections.abc import Sequence

import tomli_w
from fuzz_driver import Target, main, mutated

from zerotap.errors import FeatureError
from zerotap.features import Pipeline
from zerotap.features.stages import stage_table
from zerotap.features.transforms import TRANSFORMS

VALUES = (b"0", b"-1", b"1", b"8", b"65536", b"1e308", b"nan", b"true", b'""', b'"x"', b"[]", b"9" * 19)
_VALUE = re.compile(rb"(?<== ).+")


def corpus() -> list[bytes]:
    examples = [stage_table(stage) for kind in TRANSFORMS.values() for stage, _ in kind.examples()]
    tables = [{"name": "p", "source": "samples", "report_bytes": 6, "stages": [one]} for one in examples]
    whole = [Pipeline.raw("raw", 32, 16).to_toml(), Pipeline.text("text", 16, 8).to_toml()]
    return [text.encode() for text in (*whole, *map(tomli_w.dumps, tables))]


def mutate(rng: random.Random, corpus: Sequence[bytes]) -> bytes:
    """Bytes as anywhere, or one value in place of another, which still is TOML."""
    if rng.random() < 0.3:
        return mutated(rng, corpus)
    text = rng.choice(corpus)
    places = [match.span() for match in _VALUE.finditer(text)]
    start, stop = rng.choice(places)
    return text[:start] + rng.choice(VALUES) + text[stop:]


def run(data: bytes) -> None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    pipeline = Pipeline.from_toml(text)
    assert Pipeline.from_toml(pipeline.to_toml()) == pipeline
    len(pipeline.feature_names)


TARGET = Target("pipelines", run, corpus, (FeatureError,), mutate)

if __name__ == "__main__":
    sys.exit(main(TARGET))
