"""Heads of models that are fitted at once: tables, forests and regressions with thresholds, the whole way."""

import json
import re
import tomllib

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.capture import generate_corpus, type_corpus
from zerotap.cli import cli
from zerotap.errors import ModelError
from zerotap.features import Forest, LinearTable, Pipeline, transforms
from zerotap.firmware import BuildOptions, open_artefact
from zerotap.foreign import evaluate_folder
from zerotap.models import evaluate, float_outputs, load_trained, train
from zerotap.models.heads import make_head
from zerotap.workflow import build

LABELLED = {
    "none": "the bus came on time today",
    "toxic": "what a rotten lousy mess",
    "toxic+insult": "you rotten fool and clown",
    "threat": "i will hurt all of them",
}
SMALL = Pipeline("small", (transforms.TypedGrams(1024),))
FOREST = Pipeline("rows", (transforms.KeystrokeTiming(), transforms.KeyProfile()), "timed_reports")
ZIG = BuildOptions(compiler="zig")
KINDS = {"table": ("linear", SMALL, LinearTable), "forest": ("forest", FOREST, Forest)}


@pytest.fixture(scope="module")
def moods(tmp_path_factory):
    return type_corpus(generate_corpus(60, 0), tmp_path_factory.mktemp("a") / "moods", seed=0, synthetic=True)


@pytest.fixture(scope="module")
def toxic(tmp_path_factory):
    texts = [(name, f"{text} {n}") for n in range(12) for name, text in LABELLED.items()]
    return type_corpus(texts, tmp_path_factory.mktemp("b") / "toxic", seed=0, synthetic=True)


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return KINDS[request.param]


@pytest.fixture(scope="module")
def binary(moods, kind):
    return train(moods, kind[0], pipeline=kind[1], head="binary", positive="calm")


@pytest.fixture(scope="module")
def labelled(toxic, kind):
    return train(toxic, kind[0], pipeline=kind[1], head="labels")


def test_a_binary_one_has_one_score_and_a_threshold_of_folds(binary, kind, tmp_path):
    facts = binary.facts
    assert isinstance(binary.network, kind[2])
    assert (facts.head, facts.labels, facts.classes) == ("binary", ("calm",), ("calm", "tense"))
    outputs, (threshold,) = float_outputs(binary), facts.thresholds
    assert outputs.shape == (len(binary.test), 1)
    scores = evaluate(binary)
    said = outputs[:, 0] >= np.float32(threshold)
    assert scores.windows.accuracy == pytest.approx((said == (binary.test.y == 0)).mean())
    assert scores.macro_f1 > (0.9 if facts.name == "linear" else 0.3)
    assert len(binary.records["metrics.json"]["folds"]["each"]) == 4
    binary.save(tmp_path / "model")
    loaded = load_trained(tmp_path / "model")
    assert loaded.facts == facts
    assert loaded.network.scores(binary.test.x.reshape(len(outputs), -1)).shape == (len(outputs), 1)


def test_shares_of_votes_are_probabilities_and_margins_are_none(binary):
    error = evaluate(binary).calibration_error
    assert error is None if binary.facts.scores == "margins" else 0 <= error <= 1


def test_labels_have_a_score_and_a_threshold_each(labelled, toxic, tmp_path):
    facts = labelled.facts
    assert set(facts.labels) == {"toxic", "insult", "threat"}
    assert len(facts.thresholds) == 3
    outputs = float_outputs(labelled)
    assert outputs.shape == (len(labelled.test), 3)
    head = make_head("labels", facts.classes)
    scores = evaluate(labelled)
    right = (head.verdicts(outputs, facts.thresholds) == head.truths(labelled.test.y)).all(axis=1).mean()
    assert scores.windows.accuracy == pytest.approx(right)
    assert scores.macro_f1 > (0.9 if facts.name == "linear" else 0.2)
    labelled.save(tmp_path / "model")
    assert evaluate_folder(tmp_path / "model", toxic)[1] == {"int32": scores}


def test_the_board_compares_integers_and_says_the_same(labelled, tmp_path):
    library = build(labelled, tmp_path / "out", name="rude", options=ZIG)
    assert (library.report["samples"], library.report["mismatches"]) == (len(labelled.test), 0)
    header = (library.folder / "src" / "rude.h").read_text()
    assert "#define rude_OUTPUT_SIZE 3\n" in header and "typedef int32_t rude_SCORE" in header
    (values,) = re.findall(r"#define rude_THRESHOLDS \{(.*)\}", header)
    codes = library.report["push"]["thresholds"]
    assert list(codes) == list(labelled.facts.labels)
    assert values == ", ".join(map(str, codes.values()))
    rows = labelled.test.x.reshape(len(labelled.test), -1)
    on_board = labelled.network.scores(rows) >= np.array(list(codes.values()))
    head = make_head("labels", labelled.facts.classes)
    assert np.array_equal(on_board, head.verdicts(float_outputs(labelled), labelled.facts.thresholds))
    readme = (library.folder / "README.md").read_text()
    rows = [f"| {at} | {label} | {code} |" for at, (label, code) in enumerate(codes.items())]
    assert "\n".join(rows) in readme and "largest is the class" not in readme


@pytest.mark.parametrize("kind", ["table", pytest.param("forest", marks=pytest.mark.thorough)], indirect=True)
def test_the_commands_go_the_same_way(moods, kind, tmp_path):
    """train, evaluate, verify and export of a binary head, as somebody types them."""
    pipeline = tmp_path / "pipeline.toml"
    pipeline.write_text(kind[1].to_toml())
    model, out = tmp_path / "model", tmp_path / "lib"
    given = ["--dataset", moods.path, "--quiet"]
    head = ["--head", "binary", "--positive", "tense", "--folds", "2", "--out", model]
    _run("train", *given, "--model", kind[0], "--pipeline", pipeline, *head)
    assert tomllib.loads((model / "model.toml").read_text())["labels"] == ["tense"]
    scored = json.loads(_run("evaluate", model, *given, "--json"))
    assert (scored["head"], scored["labels"], "int32" in scored) == ("binary", ["tense"], True)
    checked = json.loads(_run("verify", model, *given, "--compiler", "zig", "--json"))
    assert checked["mismatches"] == 0
    exported = json.loads(_run("export", model, "--out", out, "--name", "m", "--compiler", "zig", "--json"))
    artefact, (threshold,) = open_artefact(model), load_trained(model).facts.thresholds
    assert exported["thresholds"] == {"tense": artefact.least_score(threshold)}
    assert f"#define m_THRESHOLDS {{{exported['thresholds']['tense']}}}" in (out / "src" / "m.h").read_text()


def _run(*words) -> str:
    result = CliRunner().invoke(cli, list(map(str, words)))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_regression_on_features_has_a_logit_a_label(moods, toxic):
    one = train(moods, "linear", pipeline=FOREST, head="binary", positive="calm", folds=2)
    assert float_outputs(one).shape == (len(one.test), 1) and len(one.facts.thresholds) == 1
    three = train(toxic, "linear", pipeline=FOREST, head="labels", folds=2)
    assert float_outputs(three).shape == (len(three.test), 3) and three.facts.scores == "logits"
    learnt = float_outputs_of(three, three.train.x)
    truths = make_head("labels", three.facts.classes).truths(three.train.y)
    assert ((learnt > 0) == truths).mean() > 0.75


def float_outputs_of(trained, x):
    from zerotap.models import network_outputs

    return network_outputs(trained.network, x)


def test_a_table_of_classes_and_facts_of_a_label_do_not_go_together(moods, tmp_path):
    train(moods, "linear", pipeline=SMALL).save(tmp_path / "model")
    facts = tmp_path / "model" / "model.toml"
    content = facts.read_text().replace('head = "classes"', 'head = "binary"')
    content = content.replace("labels = []", 'labels = ["calm"]').replace(
        "thresholds = []", "thresholds = [0.5]"
    )
    facts.write_text(content)
    with pytest.raises(ModelError, match=r"table\.npz gives 2 margins, its model\.toml says 1 margins"):
        load_trained(tmp_path / "model")
