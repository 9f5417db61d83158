"""A user's own model: it is built, trained and kept; what is wrong with it is said, with file and line."""

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import ModelError
from zerotap.features import Pipeline
from zerotap.models import commands, evaluate, load_trained, train
from zerotap.models.families.registry import model_spec

GOOD = """
import keras
from keras import layers

def build(pipeline, outputs):
    window = keras.Input(pipeline.input_shape)
    x = layers.Conv1D(8, 5, activation="relu")(window)
    x = layers.GlobalMaxPooling1D()(x)
    return keras.Model(window, layers.Dense(outputs, kernel_regularizer="l2")(x))
"""
RAW = Pipeline.raw("mine", 32, 16)


def before(code: str, change: tuple[str, str]) -> str:
    """GOOD with code before its build, and a change that uses it."""
    return GOOD.replace(*change).replace("def build", f"{code}\n\ndef build")


@pytest.fixture
def mine(tmp_path):
    def write(text: str):
        path = tmp_path / "mine.py"
        path.write_text(text)
        return path

    return write


def told(path, pipeline=RAW, outputs=2) -> str:
    with pytest.raises(ModelError) as caught:
        model_spec(str(path)).build(pipeline, outputs)
    return str(caught.value)


def test_it_is_trained_kept_and_opened_elsewhere(mine, tmp_path):
    dataset = type_corpus(generate_corpus(40, 0), tmp_path / "moods", seed=0, synthetic=True)
    arguments = ["--dataset", dataset.path, "--model", mine(GOOD), "--out", tmp_path / "out", "--epochs", 1]
    CliRunner().invoke(commands.train, [str(one) for one in arguments], catch_exceptions=False)
    loaded = load_trained(tmp_path / "out", dataset)
    assert (loaded.facts.name, loaded.facts.family) == ("mine", "user")
    assert loaded.pipeline.input_shape == (96, 8)
    assert 0 <= evaluate(loaded).macro_f1 <= 1
    again = train(dataset, str(tmp_path / "mine.py"), epochs=1)
    assert np.array_equal(again.test.x, loaded.test.x)


def test_a_sequential_model_of_ids_is_taken_too(mine):
    path = mine(
        "import keras\n"
        "def build(pipeline, outputs):\n"
        "    ids = keras.Input(pipeline.input_shape, dtype='int32')\n"
        "    table = keras.layers.Embedding(pipeline.buckets, 4)\n"
        "    return keras.Sequential([ids, table, keras.layers.Flatten(), keras.layers.Dense(outputs)])\n"
    )
    assert model_spec(str(path)).build(Pipeline.text("words", 8, 8, buckets=64), 3).output.shape == (None, 3)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("def build(:\n", 1, "SyntaxError"),
        ("x = 1\nraise ValueError('no. luck')\n", 2, "ValueError, no: mend the file"),
        ("import nothing_like_it\n", 1, "No module named 'nothing_like_it'"),
        ("def build(pipeline, outputs):\n    y = 2\n    return 1 / 0\n", 3, "division by zero"),
        ("import sys\ndef build(pipeline, outputs):\n    sys.exit('enough')\n", 3, "SystemExit, enough"),
        (GOOD.replace("Conv1D(8, 5", "Conv1D(8, 50"), 7, "ValueError"),
        ("def build(pipeline):\n    pass\n", 1, "TypeError"),
        ("raise BaseException('enough')\n", 1, "BaseException, enough"),
        (
            "class Odd(Exception):\n    def __str__(self):\n        return 1 / 0\nraise Odd\n",
            4,
            "Odd, no words",
        ),
    ],
)
def test_what_it_raises_names_file_and_line(mine, text, line, words):
    path = mine(text)
    said = told(path)
    assert said.startswith(f"{path}, line {line}: ")
    assert words in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n", "has no function build"),
        ("\0" * 9, "it begins with zeros, so this is no text"),
        (
            GOOD.replace("return keras.Model(", "model = keras.Model(")
            + "    model.trainable = False\n    return model\n",
            "no weights to train",
        ),
        ("def build(pipeline, outputs):\n    return 5\n", "build gives int, return a keras.Model"),
        (GOOD.replace("Dense(outputs", "Dense(outputs + 1"), "gives (3,), it must give 2 logits"),
        (
            GOOD.replace("pipeline.input_shape", "(9, 8)"),
            "the model takes (9, 8), the pipeline gives (32, 8)",
        ),
        (GOOD.replace('kernel_regularizer="l2"', 'activation="softmax"'), "ends in softmax"),
        (GOOD.replace('"relu"', "lambda x: x"), "a Lambda is code of your own"),
        (before("def mine(x):\n    return x", ('"relu"', "mine")), "function mine"),
        (
            before(
                "class Gate(layers.Layer):\n    def call(self, x):\n        return x",
                ("x = layers.GlobalMax", "x = Gate()(x)\n    x = layers.GlobalMax"),
            ),
            "class Gate is code of your own",
        ),
        (
            before("class Mine(keras.Model):\n    pass", ("return keras.Model", "return Mine")),
            "class Mine is code of your own",
        ),
    ],
)
def test_what_is_no_model_for_a_folder_is_refused(mine, text, words):
    path = mine(text)
    said = told(path)
    assert str(path) in said
    assert words in said


def test_ids_and_numbers_are_told_apart(mine):
    numbers = mine(
        "import keras\n"
        "def build(pipeline, outputs):\n"
        "    window = keras.Input(pipeline.input_shape)\n"
        "    return keras.Model(window, keras.layers.Dense(outputs)(window))\n"
    )
    assert "takes float32, the pipeline gives ids" in told(numbers, Pipeline.text("words", 32, 32))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"none\.py cannot be read \(No such file"):
        model_spec(str(tmp_path / "none.py"))


KEPT = """
import keras
from keras import layers

KEPT = []

def build(pipeline, outputs):
    if not KEPT:
        window = keras.Input(pipeline.input_shape)
        x = layers.GlobalMaxPooling1D()(layers.Conv1D(8, 5)(window))
        KEPT.append(keras.Model(window, layers.Dense(outputs)(x)))
    return KEPT[0]
"""


def test_weights_that_an_earlier_seed_learnt_are_refused(mine, tmp_path):
    spec = model_spec(str(mine(KEPT)))
    spec.build(RAW, 2)
    with pytest.raises(
        ModelError, match=r"mine\.py: build gives layer conv1d\S* a second time.*within build"
    ):
        spec.build(RAW, 2)
    dataset = type_corpus(generate_corpus(24, 0), tmp_path / "moods", seed=0, synthetic=True)
    assert train(dataset, str(mine(KEPT)), epochs=1).facts.epochs == 1
    with pytest.raises(ModelError, match="make every layer within build"):
        train(dataset, str(mine(KEPT)), epochs=1, seeds=2)


@pytest.mark.parametrize(("freeze", "is_taken"), [("SHARED.trainable = False", True), ("pass", False)])
def test_one_layer_may_be_shared_where_it_is_frozen(mine, freeze, is_taken):
    text = before(
        f'SHARED = layers.Conv1D(8, 5, activation="relu")\n{freeze}',
        ('layers.Conv1D(8, 5, activation="relu")', "SHARED"),
    )
    spec = model_spec(str(mine(text)))
    first = spec.build(RAW, 2)
    if is_taken:
        assert spec.build(RAW, 2) is not first
        return
    with pytest.raises(ModelError, match="a second time"):
        spec.build(RAW, 2)


def test_layers_made_within_build_are_new_each_time(mine):
    spec = model_spec(str(mine(GOOD)))
    first, second = spec.build(RAW, 2), spec.build(RAW, 2)
    assert not {id(one) for one in first.variables} & {id(one) for one in second.variables}


HEAD = 'return keras.Model(window, layers.Dense(outputs, kernel_regularizer="l2")(x))'


@pytest.mark.parametrize(
    ("ends", "last"),
    [
        ("keras.Sequential([layers.Dense(4), layers.Dense(outputs, activation='softmax')])(x)", "softmax"),
        ("keras.Sequential([layers.Dense(outputs), layers.Softmax()])(x)", "softmax"),
        ("layers.Reshape((outputs,))(layers.Dense(outputs, activation='sigmoid')(x))", "sigmoid"),
        ("layers.Activation('softmax')(layers.Dense(outputs)(x))", "softmax"),
        ("inner(outputs)(x)", "softmax"),
        ("keras.Sequential([inner(outputs)])(x)", "softmax"),
        ("keras.ops.softmax(layers.Dense(outputs)(x))", "softmax"),
    ],
)
def test_a_softmax_within_a_model_within_is_found(mine, ends, last):
    code = """
def inner(outputs):
    x = keras.Input((8,))
    return keras.Model(x, layers.Dropout(.1)(layers.Dense(outputs, activation="softmax")(x)))
"""
    words = told(mine(before(code, (HEAD, f"return keras.Model(window, {ends})"))))
    assert f"the model ends in {last}, training takes logits: leave the activation out" in words


@pytest.mark.parametrize(
    "ends",
    [
        "keras.Sequential([layers.Dense(4, activation='softmax'), layers.Dense(outputs)])(x)",
        "layers.Dropout(.1)(layers.Dense(outputs)(x))",
        "layers.Activation('linear')(layers.Dense(outputs)(x))",
        "layers.add([layers.Dense(outputs)(x), layers.Dense(outputs, activation='sigmoid')(x)])",
    ],
)
def test_logits_of_any_making_are_taken(mine, ends):
    text = GOOD.replace(HEAD, f"return keras.Model(window, {ends})")
    assert model_spec(str(mine(text))).build(RAW, 2).output_shape == (None, 2)
