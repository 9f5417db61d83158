"""report.html as a file: whole, of itself, and safe whatever was typed or named."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import made_page
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zerotap.models import (
    BoardLimits,
    ClassCurve,
    Evidence,
    FlashPoint,
    LearningPoint,
    comparison_html,
    without_text,
)
from zerotap.models.report.page import rendering
from zerotap.models.report.page.palette import ROLE_OF, series_of
from zerotap.models.report.page.sections.examples import examples_section
from zerotap.models.report.page.sections.head import comparison_head
from zerotap.models.report.page.sections.scores import cost_section, curves_section
from zerotap.models.report.page.sections.training import flash_section, learning_section
from zerotap.models.report.page.view import Cell, Fact, Grid, Head, Page, Row, Section

LIMITS = {made_page.BOARD: BoardLimits(253_952, 32_768)}
MOST_BYTES = 3_000_000
VOID = {"meta", "link", "br"}
NASTY = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "a\u202eb\u2066c",
    "nul\0here",
    "x" * 10_000,
    "{{ 7 * 7 }}{% raw %}",
    "]]></svg></style></script><!--",
    "$\\frac{1}{2}$ $",
    "\ud800 lone",
    "line\nfeed\ttab",
)


class Elements(HTMLParser):
    """Every element of a page with its attributes, in order, and the text outside of style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)


@pytest.fixture(scope="module")
def keyboard():
    comparison, evidence = made_page.keyboard()
    return comparison_html(comparison, evidence, LIMITS)


@pytest.fixture(scope="module")
def sensor():
    comparison, evidence = made_page.sensor()
    return comparison_html(comparison, evidence, LIMITS)


@pytest.fixture(scope="module")
def few():
    comparison, evidence = made_page.small()
    return comparison_html(comparison, evidence, LIMITS)


@pytest.fixture(params=["keyboard", "sensor"])
def html(request):
    return request.getfixturevalue(request.param)


def test_nothing_is_asked_of_a_network(html):
    """What could ask is a link within the page, a picture in it, or no address at all."""
    for tag, attributes in Elements(html).elements:
        for name in ("src", "href", "action", "data", "poster", "srcset", "xlink:href"):
            address = attributes.get(name)
            assert address is None or address.startswith(("#", "data:")), (tag, name, address)
    style = html[html.index("<style>") : html.index("</style>")]
    assert not re.search(r"url\(|@import|@font-face", style)
    addresses = set(re.findall(r"https?://[^\s\"'<]+", html))
    assert addresses == set(), addresses


def test_the_policy_allows_its_own_style_and_script_alone(html):
    page = Elements(html)
    (policy,) = [a["content"] for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag, part in (("style", "style-src"), ("script", "script-src")):
        assert [t for t, _ in page.elements].count(tag) == 1
        content = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.S)[1]
        assert f"{part} '{rendering._digest(content)}'" in policy
    assert not [a for _, a in page.elements if "style" in a or any(name.startswith("on") for name in a)]


def test_it_is_small_enough_to_send(html):
    assert len(html.encode()) < MOST_BYTES


def test_every_picture_says_what_is_seen_and_has_its_numbers(html):
    figures = re.findall(r"<figure.*?</figure>", html, re.S)
    assert len(figures) > 15
    for figure in figures:
        (picture,) = re.findall(r'<svg[^>]*role="img".*?</svg>', figure, re.S)
        own = re.search(r'aria-labelledby="(\S+) (\S+)"', picture)
        assert f'<title id="{own[1]}">' in picture
        alt = re.search(rf'<desc id="{own[2]}">([^<]+)</desc>', picture)[1]
        assert len(alt) > 20
        rows = re.search(r"<details><summary>Numbers</summary>.*?<tbody>(.*?)</tbody>", figure, re.S)[1]
        assert "<td>" in rows
        assert "<figcaption>" in figure


def test_ids_are_one_each_and_what_is_referred_to_is_there(html):
    page = Elements(html)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(r'(?:href="#|url\(#)([^")]+)', html)) - {""}
    assert wanted - set(ids) == set()
    assert page.open == []  # every element that was opened was closed


def test_without_a_winner_the_head_has_the_signs_and_the_order_of_the_verdict():
    comparison, _ = made_page.small()
    lower, higher = sorted(comparison.models, key=lambda one: one.scores.board.macro_f1)
    verdict = replace(comparison.verdict, winner=None, pair=(lower.name, higher.name))
    head = comparison_head(replace(comparison, verdict=verdict))
    assert [one.name for one in head.contenders] == [higher.name, lower.name]
    facts = {one.name: one for one in head.facts}
    assert facts["difference of macro-F1"].value.startswith("+")
    assert facts["one alone right"].note == f"{higher.name} : {lower.name}"


def test_a_line_has_the_colour_of_its_model_s_kind_whatever_stands_before_it():
    points = (LearningPoint(10, 0.5), LearningPoint(20, 0.75))
    section = learning_section({}, {"bag": points}, series_of({"bag": "text"}))
    assert "s-series1" in section.drawings[0].svg and "s-series0" not in section.drawings[0].svg
    costs = (FlashPoint(1000, 100, 9000, 0.2), FlashPoint(2000, 100, 5000, 0.1))
    section = flash_section({"bag": costs}, series_of({"bag": "text"}))
    assert "s-series1" in section.drawings[0].svg and "s-series0" not in section.drawings[0].svg


@pytest.mark.parametrize(("classes", "caption"), [(6, ""), (8, "Of 8 curves the 6 worst.")])
def test_curves_that_are_not_drawn_are_counted(classes, caption):
    curve = ClassCurve((1.0, 0.5), (0.5, 1.0), (1.0, 0.5))
    section = curves_section({"dense": {f"class {number}": curve for number in range(classes)}})
    assert section.drawings[0].words.caption == caption


def test_no_stand_in_for_a_colour_is_left(html):
    assert not [colour for colour in ROLE_OF if colour in html]
    assert "DejaVu" not in html
    assert "matplotlib" not in html


def test_the_same_report_gives_the_same_page(few):
    assert comparison_html(*made_page.small(), LIMITS) == few


def test_it_has_every_section(keyboard, sensor):
    def names(html):
        return [
            attributes.get("id")
            for tag, attributes in Elements(html).elements
            if tag == "section" and "id" in attributes
        ]

    assert names(keyboard) == names(sensor)
    assert set(names(keyboard)) == {
        "models", "cost", "pairs", "data", "confusion", "classes", "precision-recall", "examples", "weights",
        "ways", "flash", "layers", "training", "explorer", "recordings", "made",
    }  # fmt: skip


def test_what_a_kilobyte_buys_is_drawn_said_and_counted(keyboard):
    section = re.search(r'<section[^>]*id="flash".*?</section>', keyboard, re.S)[0]
    comparison, evidence = made_page.keyboard()
    points = evidence.by_flash["conv"]
    assert len(points) == 4 and set(evidence.by_flash) < {one.name for one in comparison.models}
    for each in points:
        assert f"<bdi>{each.flash_bytes:,}</bdi>" in section and f"<bdi>{each.cycles:,}</bdi>" in section
    small, fast = f"129 ms at {points[0].flash_bytes:,} B", f"38.2 ms at {points[-1].flash_bytes:,} B"
    assert f"conv from {small} to {fast}" in section


def test_both_ways_are_there_and_the_one_that_is_taken_is_marked(keyboard):
    section = re.search(r'<section[^>]*id="ways".*?</section>', keyboard, re.S)[0]
    rows = [
        " ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", section, re.S)
    ]
    assert rows[1:] == [
        "conv streamed taken 1,900 ≤ 41,000 0.860 31,000 3,000",
        "conv whole 9,000 ≤ 402,000 8.40 14,000 3,500",
        "dense a dense layer reads the whole window whole taken 500 ≤ 26,000 0.550 19,900 900",
    ]


def test_references_are_not_for_the_board(keyboard):
    assert keyboard.count("desktop, not for the board") == 2
    assert "text SVM (desktop)" in keyboard


def test_the_limit_of_the_board_is_drawn_where_it_is_known(keyboard):
    assert f"all of {made_page.BOARD}" in keyboard
    comparison, _ = made_page.keyboard()
    section = cost_section(comparison, {})
    assert not any(f"all of {made_page.BOARD}" in drawing.svg for drawing in section.drawings)


def test_without_evidence_what_it_shows_is_left_out():
    comparison, _ = made_page.small()
    html = comparison_html(comparison, Evidence(()), LIMITS)
    ids = {attributes.get("id") for tag, attributes in Elements(html).elements if tag == "section"}
    assert not ids & {"explorer", "recordings", "precision-recall", "training", "examples", "flash", "ways"}
    assert {"models", "cost", "pairs", "confusion", "classes", "layers", "weights"} <= ids
    for link in re.findall(r'<li><a href="#([^"]+)"', html):
        assert f'id="{link}"' in html


def test_what_was_typed_is_shown_only_where_it_was_asked_for():
    comparison, evidence = made_page.small()
    typed = {one.name: f"secret of {one.name}" for one in evidence.tested}
    told = replace(evidence, texts=typed)
    shown, hidden = (examples_section(comparison, one) for one in (told, without_text(told)))
    assert all(one.text.startswith("secret of ") for group in shown.examples for one in group.shown)
    assert not any(one.text for group in hidden.examples for one in group.shown)
    assert "what was typed is not in this file" in hidden.says
    assert "what was typed" not in shown.says


def test_codes_of_keys_are_not_shown_without_text():
    _, evidence = made_page.keyboard()
    codes = replace(
        evidence.pictures[0],
        rows=tuple(tuple(7.0 * value for value in row) for row in evidence.pictures[0].rows),
    )
    (kept, *_) = without_text(replace(evidence, pictures=(codes,))).pictures
    assert {value for row in kept.rows for value in row} == {0.0, 1.0}


def page_of(word: str) -> Page:
    """A page with a word wherever a word of others may stand."""
    fact, cell = Fact(word, word, word), Cell(word, word)
    head = Head(word, word, word, word, word, (), (fact,))
    section = Section("all", "All", "All", word, (fact,), (Grid((word,), (Row((cell,)),)),), code=word)
    return Page(head, (section,), word)


@given(st.text(min_size=1, max_size=40))
@example(NASTY[0])
@example(NASTY[1])
@example(NASTY[5])
@example(NASTY[6])
@settings(max_examples=30)
def test_words_make_no_elements(word):
    page, plain = (Elements(rendering.render(page_of(one))) for one in (word, "word"))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert [set(attributes) for _, attributes in page.elements] == [set(a) for _, a in plain.elements]


def test_names_of_all_kinds_become_text():
    """As classes, as what was typed, as a dataset, as a verdict: in tables, pictures and their words."""
    comparison, evidence = made_page.small(classes=NASTY)
    comparison = replace(
        comparison,
        data=replace(comparison.data, dataset=NASTY[0]),
        command=" ".join(NASTY),
        verdict=replace(comparison.verdict, text=" ".join(NASTY)),
    )
    texts = {one.name: NASTY[at % len(NASTY)] for at, one in enumerate(evidence.tested)}
    html = comparison_html(comparison, replace(evidence, texts=texts), LIMITS)
    page = Elements(html)
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert not [tag for tag, _ in page.elements if tag == "img"]
    assert not re.search("[\0\u202e\u2066\ud800-\udfff]", html)
    assert "\\u202e" in html and "\\x00" in html
    assert len(html.encode()) < MOST_BYTES
    assert len(re.findall("x{1000,}", html)) == 2  # the verdict and the command
    assert "{{ 7 * 7 }}" in "".join(page.text)


def test_many_classes_models_and_recordings_stay_small():
    classes = tuple(f"class {at:03}" for at in range(36))
    comparison, evidence = made_page.small(classes=classes)
    html = comparison_html(comparison, evidence, LIMITS)
    assert len(html.encode()) < MOST_BYTES
    assert html.count("mask=") >= 2  # confusion as images
