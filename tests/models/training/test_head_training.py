"""Training by head: one logit, or one a label; thresholds from folds; what is kept, scored and refused."""

import dataclasses
import json

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.capture import generate_corpus, type_corpus
from zerotap.cli import cli
from zerotap.errors import ModelError
from zerotap.features import Windows
from zerotap.firmware import BuildOptions, Oracle, quantise_input, read_tflite
from zerotap.models import dequantise, evaluate, float_outputs, load_trained, network_outputs, train
from zerotap.models.heads import make_head
from zerotap.models.training.folds import fold_numbers
from zerotap.workflow import build, quantise_file

LABELLED = {
    "none": "the bus came on time today",
    "toxic": "what a rotten lousy mess",
    "toxic+insult": "you rotten fool and clown",
    "threat": "i will hurt all of them",
}


@pytest.fixture(scope="module")
def moods(tmp_path_factory):
    return type_corpus(generate_corpus(60, 0), tmp_path_factory.mktemp("a") / "moods", seed=0, synthetic=True)


@pytest.fixture(scope="module")
def toxic(tmp_path_factory):
    texts = [(name, f"{text} {n}") for n in range(12) for name, text in LABELLED.items()]
    return type_corpus(texts, tmp_path_factory.mktemp("b") / "toxic", seed=0, synthetic=True)


@pytest.fixture(scope="module")
def binary(moods):
    return train(moods, "bag", steps=160, head="binary", positive="calm")


@pytest.fixture(scope="module")
def labelled(toxic):
    return train(toxic, "bag", steps=160, head="labels", folds=2)


def test_a_binary_model_has_one_logit_and_a_threshold_of_folds(binary, tmp_path):
    facts = binary.facts
    assert (facts.head, facts.labels, facts.classes) == ("binary", ("calm",), ("calm", "tense"))
    outputs, (threshold,) = float_outputs(binary), facts.thresholds
    assert outputs.shape == (len(binary.test), 1)
    scores = evaluate(binary)
    said = outputs[:, 0] >= np.float32(threshold)
    assert scores.windows.accuracy == pytest.approx((said == (binary.test.y == 0)).mean())
    assert scores.macro_f1 > 0.8
    assert binary.records["metrics.json"]["test"]["macro_f1"] == scores.macro_f1
    assert len(binary.records["metrics.json"]["folds"]["each"]) == 4
    binary.save(tmp_path / "model")
    assert load_trained(tmp_path / "model").facts == facts


def test_a_model_of_labels_has_a_logit_and_a_threshold_each(labelled):
    facts = labelled.facts
    assert facts.head == "labels"
    assert set(facts.labels) == {"toxic", "insult", "threat"}
    assert len(facts.thresholds) == 3
    outputs = float_outputs(labelled)
    assert outputs.shape == (len(labelled.test), 3)
    head = make_head("labels", facts.classes)
    verdicts = head.verdicts(outputs, facts.thresholds)
    scores = evaluate(labelled)
    right = (verdicts == head.truths(labelled.test.y)).all(axis=1).mean()
    assert scores.windows.accuracy == pytest.approx(right)
    assert scores.macro_f1 > 0.7
    assert len(scores.per_class) == 3


def test_the_board_gets_its_thresholds_as_integers(labelled, toxic, tmp_path):
    options = BuildOptions(compiler="zig")
    library = build(labelled, tmp_path / "out", name="rude", options=options)
    header = (library.folder / "src" / "rude.h").read_text()
    codes = library.report["push"]["thresholds"]
    assert list(codes) == list(labelled.facts.labels)
    assert f"#define rude_THRESHOLDS {{{', '.join(map(str, codes.values()))}}}\n" in header
    labelled.save(tmp_path / "model")
    report = quantise_file(tmp_path / "model", dataset=toxic, isolation=None)
    assert report["thresholds"] == codes


def test_a_limit_on_what_int8_loses_counts_any_label_on_the_command_line(labelled, toxic, tmp_path):
    """By thresholds that many windows are next to: the middle of their own logits."""
    windows = labelled.train.x
    outputs = network_outputs(labelled.network, windows)
    near = tuple(float(one) for one in np.median(outputs, axis=0))
    facts = dataclasses.replace(labelled.facts, thresholds=near)
    dataclasses.replace(labelled, facts=facts).save(tmp_path / "model")
    given = ["quantise", str(tmp_path / "model"), "--dataset", str(toxic.path), "--weight-bits", "4"]
    asked = CliRunner().invoke(cli, [*given, "--max-loss", "1", "--json", "--quiet"])
    assert asked.exit_code == 0, asked.output
    changed = json.loads(asked.stdout)["changed"]
    least = np.float32(near)
    on_board = int8_logits(tmp_path / "model", windows)
    assert changed == pytest.approx(((outputs >= least) != (on_board >= least)).any(axis=1).mean())
    assert changed > 0
    refused = CliRunner().invoke(cli, [*given, "--max-loss", "0", "--quiet"])
    assert isinstance(refused.exception, ModelError)
    assert f"changes what it says of {changed:.1%}" in str(refused.exception)


def int8_logits(folder, windows):
    graph = read_tflite(folder / "model.tflite")
    target = graph.tensors[graph.output]
    codes = Oracle(folder / "model.tflite").invoke(quantise_input(windows, graph.tensors[graph.input]))
    return dequantise(codes, float(target.scale[0]), int(target.zero_point[0]))


def test_a_label_mixture_that_is_there_once_is_dealt_out_by_its_rarest_label():
    head = make_head("labels", ("none", "toxic", "toxic+threat", "threat+insult", "insult"))
    y = np.array([0] * 8 + [1] * 8 + [2] + [3] + [4] * 3)
    strata = head.strata(y)
    assert [set(strata[y == label].tolist()) for label in range(5)] == [{0}, {1}, {2}, {2}, {3}]
    fold = fold_numbers(Windows(np.arange(21).reshape(-1, 1), strata, np.arange(21)), 2, seed=0)
    assert set(fold[strata == 2]) == {0, 1}


def test_a_size_is_kept_in_the_facts(moods):
    small = train(moods, "text", epochs=1, preset="small")
    assert (small.facts.name, small.facts.family, small.facts.preset) == ("text", "bag", "small")
    assert small.model.layers[1].table.shape[0] == 1024
    assert train(moods, "dense", epochs=1, layers=(5, 4)).facts.layers == (5, 4)


@pytest.mark.parametrize(
    ("model", "asked", "words"),
    [
        ("bag", {"head": "binary", "positive": "spam"}, "choose calm or tense"),
        ("bag", {"head": "softmax"}, "choose one of classes, binary, labels"),
        ("bag", {"preset": "huge"}, "choose one of small"),
    ],
)
def test_what_does_not_suit_is_refused(moods, model, asked, words):
    with pytest.raises(ModelError, match=words):
        train(moods, model, epochs=1, **asked)
