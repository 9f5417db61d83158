"""report.json and evidence.json: there and back, against their schemas, and what is refused of edits."""

import copy
import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest
from made_comparison import COMPARISON, EVIDENCE, MODELS

from zerotap.errors import ModelError
from zerotap.models import BoardScores, Evidence, Scores, read_comparison, read_evidence
from zerotap.models.comparing.values import Comparison

NAMES = ("report", "evidence")
DERIVED = ("smallest_difference", "macro_f1_mean", "macro_f1_worst")
"""Written for who reads the file, and computed anew by us."""
OPTIONAL = ("windows", "texts", "by_flash", "ways", "on_board", "board_cycles_mean", "board_cycles_max")
BY_NAME = ("verdicts", "confidence", "curves", "learning", "precision_recall", "texts", "by_flash", "ways")
LABELLED = Scores(0.5, 0.6, ((5, 1, 1, 3),), 10, (MODELS[0].scores.board.per_class[0],), of_labels=True)


def schema(name: str) -> dict:
    text = files("zerotap.models.comparing").joinpath(f"{name}-schema.json").read_text(encoding="utf-8")
    return json.loads(text)


def document(name: str) -> dict:
    value = COMPARISON if name == "report" else replace(EVIDENCE, texts={"0010": "hello <b>"})
    return json.loads(json.dumps(value.to_json(), allow_nan=False))


def closed(node):
    """A schema that takes no field beside those that it names."""
    if isinstance(node, dict):
        shut = {"additionalProperties": False} if "properties" in node else {}
        return {**{key: closed(one) for key, one in node.items()}, **shut}
    return [closed(one) for one in node] if isinstance(node, list) else node


def places(node, path=()):
    """Every value of a document that is read, by its path; of an array the first."""
    if path:
        yield path
    items = node.items() if isinstance(node, dict) else enumerate(node[:1]) if isinstance(node, list) else ()
    for key, one in items:
        if key not in DERIVED and path[-1:] != ("pipeline",):
            yield from places(one, (*path, key))


def edited(whole: dict, path: tuple, value: object) -> dict:
    found = copied = copy.deepcopy(whole)
    for key in path[:-1]:
        found = found[key]
    found[path[-1]] = value
    return copied


def read(name: str, whole: object):
    return Comparison.from_json(whole) if name == "report" else Evidence.from_json(whole)


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_one_and_takes_what_is_written_field_for_field(name):
    jsonschema.Draft202012Validator.check_schema(schema(name))
    jsonschema.Draft202012Validator(closed(schema(name))).validate(document(name))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_reads_as_it_was(name):
    value = COMPARISON if name == "report" else replace(EVIDENCE, texts={"0010": "hello <b>"})
    assert read(name, document(name)) == value
    assert read(name, document(name)).to_json() == document(name)


def test_a_model_of_several_labels_has_a_row_a_label():
    labelled = replace(
        MODELS[0], head="labels", labels=("spam",), scores=BoardScores(LABELLED, None), narrow=()
    )
    comparison = replace(COMPARISON, models=(labelled, MODELS[1]))
    whole = json.loads(json.dumps(comparison.to_json()))
    jsonschema.Draft202012Validator(schema("report")).validate(whole)
    assert Comparison.from_json(whole) == comparison


@pytest.mark.parametrize("name", NAMES)
def test_a_later_field_is_passed_over(name):
    whole = document(name) | {"later": 1}
    assert read(name, whole) == read(name, document(name))
    jsonschema.Draft202012Validator(schema(name)).validate(whole)


@pytest.mark.parametrize("name", NAMES)
def test_each_field_of_another_type_is_refused_by_name_and_by_the_schema(name):
    whole, validator = document(name), jsonschema.Draft202012Validator(schema(name))
    for path in places(whole):
        wrong = edited(whole, path, [{"x": 1}])
        assert not validator.is_valid(wrong), path
        with pytest.raises(ModelError, match=rf"^{name}\.json: .*zerotap compare"):
            read(name, wrong)


def must_be_there(path: tuple) -> bool:
    """Whether a value has a key of its own, which no reader does without."""
    free = (2, 3) if path[0] == "precision_recall" else (2,) if path[0] in BY_NAME else ()
    return isinstance(path[-1], str) and len(path) not in free and path[-1] not in OPTIONAL


def test_a_report_of_before_has_no_waits() -> None:
    whole = document("report")
    for model in whole["models"]:
        costs = model["costs"]
        del costs["on_board"]
        for spread in filter(None, (costs["per_unit"], costs["per_packet"])):
            del spread["board_cycles_mean"], spread["board_cycles_max"]
    jsonschema.Draft202012Validator(schema("report")).validate(whole)
    before = Comparison.from_json(whole).models[0].costs
    assert before.on_board is None and before.per_unit.board_cycles_max is None
    assert before.per_unit.timed_cycles_mean == before.per_unit.cycles_mean


@pytest.mark.parametrize("name", NAMES)
def test_each_field_that_is_missing_is_refused(name):
    whole, validator = document(name), jsonschema.Draft202012Validator(schema(name))
    for path in filter(must_be_there, places(whole)):
        holder = copied = copy.deepcopy(whole)
        for key in path[:-1]:
            holder = holder[key]
        del holder[path[-1]]
        with pytest.raises(ModelError, match=f"has no '{path[-1]}'|counts other classes|, its classes"):
            read(name, copied)
        assert path[:3] == ("data", "recordings", "by_class") or not validator.is_valid(copied)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("version",), 2, r"report.json: version is 2, and this zerotap reads 1: install"),
        (("type",), "search", 'type is "search", not one of comparison'),
        (
            ("models", 1, "costs", "flash_bytes"),
            -3,
            r"models\[1\].costs.flash_bytes is -3, not a whole number",
        ),
        (("models", 1, "costs", "cycles"), True, r"models\[1\].costs.cycles is true"),
        (("verdict", "margin"), 10**400, r"verdict.margin is 10+\.\.\., not a finite number"),
        (("models", 0, "scores", "board", "macro_f1"), 1.5, r"board.macro_f1 is 1.5, not a finite .* 0 to 1"),
        (("models", 0, "name"), "bag", "models and references have a name twice"),
        (("models", 0, "mismatches"), 321, "mismatches is 321"),
        (("models", 0, "seeds", "kept"), 7, "keeps seed 7, which is none of"),
        (("models",), [], "models has none"),
        (("pairs", 0, "a"), "tcn", r"pairs\[0\].a is \"tcn\", not one of conv, bag, majority"),
        (("pairs", 0, "both"), 8, r"pairs\[0\] counts 11 recordings, and 10 were tested"),
        (("pairs", 0, "b"), "conv", "is of one model twice"),
        (("pairs", 0, "p_holm"), 0.1, "p_holm is below mcnemar"),
        (("pairs", 0, "interval"), [0.2, 0.1], "is no interval"),
        (("verdict", "winner"), "majority", 'winner is "majority", not one of conv, bag'),
        (("verdict", "pair"), ["conv"], "names neither two models nor none"),
        (("data", "recordings", "test"), 11, "has 40 and 11 recordings, its classes"),
        (("data", "classes"), ["ham", "ham"], "are no names that differ"),
        (("data", "classes"), ["ham", "eggs"], "counts other classes"),
        (("references", 0, "for_the_board"), True, "is true, which no reference is"),
        (("references", 0, "scores", "recordings"), 9, "is 9, and 10 were tested"),
    ],
)
def test_what_contradicts_itself_in_a_report_is_named(path, value, said):
    with pytest.raises(ModelError, match=said):
        Comparison.from_json(edited(document("report"), path, value))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("version",), 9, "evidence.json: version is 9"),
        (("verdicts", "conv"), [0, 1], "has 2 values, and 10 recordings were tested"),
        (("confidence", "conv", 3), 1.01, r"confidence.conv\[3\] is 1.01"),
        (("pictures", 0, "rows", 1), [1.0], "has a row that is not of 3 values"),
        (("projection", "explained"), [0.5], r"is no \[x, y\]"),
        (("precision_recall", "conv", "spam", "recall"), [1.0], "of two lengths"),
        (
            ("by_flash", "conv", 1, "cycles"),
            400_000,
            r"by_flash.conv has points that do not go",
        ),
        (("ways", "conv", "whole", "cycles_mean"), 402_001, "cycles_mean 402001 above cycles_max 402000"),
        (("ways", "conv", "streamed"), None, "is streamed, at no cost"),
        (("by_flash", "conv", 0, "flash_bytes"), 14_208, "do not go on to more flash and fewer cycles"),
    ],
)
def test_what_contradicts_itself_in_evidence_is_named(path, value, said):
    with pytest.raises(ModelError, match=said):
        Evidence.from_json(edited(document("evidence"), path, value))


def write(folder, report=None, evidence=None):
    for name, given in (("report", report), ("evidence", evidence)):
        text = json.dumps(given) if isinstance(given, dict) else given or json.dumps(document(name))
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def test_a_folder_is_read_whole(tmp_path):
    write(tmp_path)
    comparison = read_comparison(tmp_path)
    assert comparison == COMPARISON
    assert read_evidence(tmp_path, comparison).tested == EVIDENCE.tested


@pytest.mark.parametrize(
    "text", ["{", "[" * 100_000, '{"version": NaN}', "1" * 5000, "\0\0", "null", "\x80", '{"version": 1e999}']
)
def test_what_is_no_report_is_refused_with_its_name(tmp_path, text):
    write(tmp_path, report=text)
    with pytest.raises(ModelError, match=r"report\.json"):
        read_comparison(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"report\.json: cannot be read: No such file"):
        read_comparison(tmp_path)


def test_evidence_of_another_comparison_is_refused(tmp_path):
    other = document("evidence")
    other["verdicts"]["tcn"] = other["verdicts"].pop("conv")
    write(tmp_path, evidence=other)
    with pytest.raises(ModelError, match=r"evidence.json: verdicts.tcn is of no model or reference"):
        read_evidence(tmp_path, COMPARISON)
    shorter = edited(document("evidence"), ("recordings", 1, "side"), "train")
    shorter["verdicts"] = shorter["confidence"] = {}
    write(tmp_path, evidence=shorter)
    with pytest.raises(ModelError, match="has 9 of the test side, and"):
        read_evidence(tmp_path, COMPARISON)


def test_without_texts_there_is_no_place_for_them():
    assert "texts" not in EVIDENCE.to_json()


def test_a_comparison_is_shown_in_one_line():
    assert repr(COMPARISON) == "Comparison(conv 0.700, bag 0.900; 10 test recordings, synthetic)"
    assert COMPARISON.best.name == "bag"
    assert COMPARISON.model("conv") is MODELS[0]
