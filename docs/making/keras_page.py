"""docs/keras-layers.md from a small model of each Keras layer: python docs/making/keras_page.py.

Each is quantised and planned as `zerotap quantise` and `zerotap analyse` do, which takes two minutes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from keras_cases import IDS, SECTIONS, Case

from zerotap.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "keras-layers.md"
GONE: Final = "Gone at inference"
_INTRO: Final = """# Keras layers

Which layers of Keras 3 zerotap takes, the operators that TensorFlow makes of each ([what they
cost](operators.md)), and what to use in place of one that is refused. This page is made by
`python docs/making/keras_page.py`, which quantises and plans a small model of each row; a test holds it to
be complete and tries some of the rows.

- Options that are not named here (strides, padding, `use_bias`, an activation) make no difference.
- An activation that works on each number by itself (`relu6`, `gelu`, `silu`, `mish`, any function of
  `keras.ops` of that kind) needs no row: it is ELEMENTWISE, one table of 256 bytes, or its own operator.
- A row is not a promise for every size: `zerotap quantise` looks at the whole model before it calibrates,
  and names the layer that it cannot take.
- `A of B` is layer A around layer B. RESHAPE runs nothing on the board; LOOP is one loop over the steps."""
INSTEAD: Final = {
    "Embedding, mask_zero=True": "no mask: windows of a fixed length, padded at the beginning",
    "Lambda": "Rescaling, Activation, or `keras.ops` on the tensors: a Lambda is code, which no file may run",
    "Masking": "windows of a fixed length, padded at the beginning",
    "Conv3D": "Conv2D with the frames as channels, or Conv2D in TimeDistributed",
    "Conv3DTranspose": "Conv2DTranspose in TimeDistributed",
    "MaxPooling3D": "MaxPooling2D in TimeDistributed; GlobalMaxPooling3D over all of it",
    "AveragePooling3D": "AveragePooling2D in TimeDistributed; GlobalAveragePooling3D over all of it",
    "AdaptiveAveragePooling1D": "AveragePooling1D with the pool size that gives as many steps",
    "AdaptiveAveragePooling2D": "AveragePooling2D with the pool size that gives as many rows and columns",
    "AdaptiveAveragePooling3D": "AveragePooling2D in TimeDistributed",
    "AdaptiveMaxPooling1D": "MaxPooling1D with the pool size that gives as many steps",
    "AdaptiveMaxPooling2D": "MaxPooling2D with the pool size that gives as many rows and columns",
    "AdaptiveMaxPooling3D": "MaxPooling2D in TimeDistributed",
    "ConvLSTM1D": "Conv1D and pooling before an LSTM or a GRU",
    "ConvLSTM2D": "Conv2D in TimeDistributed before an LSTM or a GRU",
    "ConvLSTM3D": "Conv2D in TimeDistributed before an LSTM or a GRU",
    "MultiHeadAttention, use_causal_mask=True": "the same without a mask: beside its -1e9 int8 has no room",
    "MelSpectrogram": "STFTSpectrogram, then a Dense of the mel bins",
}
"""What to use for the rows that are refused."""
NOTES: Final = {
    "Flatten": "runs nothing",
    "Reshape": "runs nothing",
    "LSTM": "not `stateful`, no mask, a fixed length; every inference begins from zero",
    "GRU": "as LSTM; its steps are one loop in the C",
    "SimpleRNN": "as GRU",
    "BatchNormalization after Conv2D": "folded into the weights",
}
APART: Final = {
    "Before the model": (
        "Strings, lookups and hashes have no int8 form: do them before, and give the model ids.",
        "CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup StringLookup TextVectorization",
    ),
    "Augmentation": (
        "Part of training: build the model for the board without them, and load its weights.",
        "AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization "
        "MaxNumBoundingBoxes MixUp Pipeline RandAugment RandomBrightness RandomColorDegeneration "
        "RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip "
        "RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective "
        "RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear "
        "RandomTranslation RandomZoom Solarization",
    ),
    "Code of elsewhere": (
        "A model of another framework inside a layer is refused: rebuild it with layers of Keras.",
        "FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper",
    ),
}
"""Layers that are not tried: why, and their names."""
BASES: Final = {"InputLayer", "Layer", "Wrapper", "RNN", "Bidirectional", "TimeDistributed"}
"""Classes that are nothing by themselves, or whose rows name what they are around."""


def page() -> str:
    """The page's text, from models that are made, quantised and planned now."""
    tables = [_table(title, rows) for title, rows in SECTIONS.items()]
    apart = [f"## {title}\n\n{why}\n\n{_listed(names)}." for title, (why, names) in APART.items()]
    return "\n\n".join([_INTRO, *tables, *apart]) + "\n"


def _table(title: str, rows: dict[str, Case]) -> str:
    lines = [row(label, case, is_gone=title == GONE) for label, case in rows.items()]
    return "\n".join([f"## {title}", "", "| layer | becomes | |", "| --- | --- | --- |", *lines])


def row(label: str, case: Case, *, is_gone: bool = False) -> str:
    """The line of a table for one layer. Raises KeyError for a refused one of which INSTEAD says nothing."""
    shown = re.sub(r"(\w+=\S+)", r"`\1`", label)
    found = [] if label == "Lambda" else operators_of(case)  # taken in memory, refused in every file
    if is_gone and found:
        found = [name for name in found if name != "RELU"]
        return f"| {shown} | {', '.join(found) or 'nothing'} | |"
    if found:
        return f"| {shown} | {', '.join(found)} | {NOTES.get(label, '')} |"
    return f"| {shown} | refused | use {INSTEAD[label]} |"


def operators_of(case: Case) -> list[str]:
    """The operators of a case's model as they are planned; none where it is refused."""
    import keras
    import numpy as np

    from zerotap.firmware import plan, quantise, read_model

    keras.utils.set_random_seed(1)
    generator = np.random.default_rng(0)
    ends = [keras.Input(case.shape, dtype=case.dtype, name=f"x{end}") for end in range(case.ends)]
    windows = {end.name: _windows(generator, case) for end in ends}
    model = keras.Model(ends, case.make(keras.layers, *ends))
    try:
        content = quantise(model, windows if case.ends > 1 else windows["x0"], isolation=None)
        planned = plan(read_model(content))
    except ModelError:
        return []
    return sorted({operator.name for layer in planned.layers for operator in layer.operators})


def _windows(generator: np.random.Generator, case: Case) -> NDArray[Any]:
    import numpy as np

    if case.dtype == "int32":
        return generator.integers(0, IDS, (24, *case.shape), dtype=np.int32)
    return generator.normal(0, 1, (24, *case.shape)).astype(np.float32)


def named_layers() -> set[str]:
    """Every layer's class that the page speaks of."""
    labels = (word for rows in SECTIONS.values() for label in rows for word in re.findall(r"\w+", label))
    return {*labels, *BASES, *(name for _, names in APART.values() for name in names.split())}


def _listed(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
