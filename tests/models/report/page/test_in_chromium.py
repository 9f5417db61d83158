"""report.html in a browser: no fault, no request, light and dark, on a phone, a desk and paper."""

from dataclasses import replace

import browser
import made_page
import pytest

from zerotap.models import BoardLimits, comparison_html
from zerotap.models.report.page.palette import PAGE

pytestmark = pytest.mark.system("chromium")

LIMITS = {made_page.BOARD: BoardLimits(253_952, 32_768)}
PHONE, DESK = 390, 1280
EVIL = '<script>window.ran = true</script><img src=x onerror="window.ran = true">'


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser.chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Three pages: of a keyboard, of a sensor, and one whose every name and text is a script."""
    folder = tmp_path_factory.mktemp("pages")
    comparison, evidence = made_page.small(classes=(EVIL, "b"))
    told = replace(evidence, texts={one.name: EVIL for one in evidence.tested})
    evil = replace(comparison, data=replace(comparison.data, dataset=EVIL), command=EVIL)
    made = {"keyboard": made_page.keyboard(), "sensor": made_page.sensor(), "evil": (evil, told)}
    for name, (one, other) in made.items():
        (folder / f"{name}.html").write_text(comparison_html(one, other, LIMITS))
    return folder


@pytest.fixture(params=["keyboard", "sensor", "evil"])
def file(request, pages):
    return pages / f"{request.param}.html"


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def computed(page, selector: str, name: str) -> str:
    return page.run(f"getComputedStyle(document.querySelector({selector!r})).{name}")


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("dark", [False, True])
def test_it_opens_without_a_fault_or_a_request_and_fits(chromium, file, width, dark):
    chromium.requests.clear()
    chromium.faults.clear()
    chromium.open(file, width, dark=dark)
    assert chromium.run("document.fonts.ready.then(() => true)")
    assert chromium.faults == []
    assert {one for one in chromium.requests if not one.startswith("data:")} == {file.resolve().as_uri()}
    assert chromium.run("document.documentElement.scrollWidth") <= width
    assert computed(chromium, "body", "backgroundColor") == rgb(PAGE["page"][dark])
    assert computed(chromium, "body", "color") == rgb(PAGE["ink"][dark])
    drawn = chromium.run(
        "[...document.querySelectorAll('figure svg[role=img]')].map((e) => e.getBoundingClientRect().width)"
    )
    assert min(drawn) > 250
    assert len(chromium.picture()) > 10_000


def test_pictures_take_the_theme_and_the_button_changes_it(chromium, pages):
    chromium.open(pages / "keyboard.html", DESK)
    seen = []
    for _ in range(4):
        seen.append(
            (
                chromium.run("document.querySelector('#theme').textContent"),
                computed(chromium, "svg .f-ink", "fill"),
            )
        )
        chromium.run("document.querySelector('#theme').click()")
    light, dark = (rgb(PAGE["ink"][theme]) for theme in (0, 1))
    assert [fill for _, fill in seen] == [light, light, dark, light]
    assert [word for word, _ in seen] == [
        "Theme: as the system's",
        "Theme: light",
        "Theme: dark",
        "Theme: as the system's",
    ]


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_pointer_names_the_recording(chromium, pages, width):
    chromium.open(pages / "keyboard.html", width)
    mark = "document.querySelector('.plane [data-recording]')"
    chromium.run(f"{mark}.scrollIntoView({{block: 'center'}})")
    box = chromium.run(
        f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({mark}.getBoundingClientRect())"
    )
    chromium.move(*box)
    near = chromium.run("document.querySelector('.plane .on').dataset.recording")
    said = chromium.run("document.querySelector('#explorer-said').textContent")
    assert said.startswith(f"{near} · ")
    assert chromium.run("document.querySelector('.tip').textContent") == said
    assert not chromium.run("document.querySelector('.tip').hidden")
    tip = chromium.run(
        "(({left, right}) => [left, right])(document.querySelector('.tip').getBoundingClientRect())"
    )
    assert tip[0] >= 0 and tip[1] <= width
    chromium.move(1, 1)
    assert chromium.run("document.querySelector('.tip').hidden")


def test_keys_walk_and_a_class_is_left_out(chromium, pages):
    chromium.open(pages / "keyboard.html", DESK)
    chromium.run("document.querySelector('.plane').focus()")
    said = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "End", "Home"):
        chromium.press(key)
        said.append(chromium.run("document.querySelector('#explorer-said').textContent"))
    assert said[0] == said[2] == said[4]
    assert len(set(said)) == 3
    chromium.press("Escape")
    assert chromium.run("document.querySelector('.plane .on')") is None
    chromium.run("document.querySelector('.chip').click()")
    chromium.run("document.querySelector('.plane').focus()")
    chromium.press("Home")
    hidden, shown = chromium.run(
        "[document.querySelector('.chip').dataset.index, document.querySelector('.plane .on').dataset.index]"
    )
    assert hidden != shown
    assert chromium.run("document.querySelector('.chip').getAttribute('aria-pressed')") == "false"


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_what_was_typed_is_text_and_never_runs(chromium, pages, width):
    chromium.open(pages / "evil.html", width)
    chromium.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert chromium.run("window.ran === undefined")
    assert chromium.run("document.scripts.length") == 1
    assert chromium.run("document.images.length") == 0
    assert EVIL in chromium.run("document.querySelector('.subject').textContent")
    assert EVIL in chromium.run("document.querySelector('.typed').textContent")
    assert chromium.run("document.documentElement.scrollWidth") <= width


def test_the_policy_stops_what_would_come_in_another_way(chromium, pages, tmp_path):
    """Even where an escape were forgotten, a script of others would not run."""
    html = (pages / "keyboard.html").read_text()
    broken = tmp_path / "broken.html"
    broken.write_text(html.replace("</main>", f"{EVIL}<style>body{{display:none}}</style></main>"))
    chromium.faults.clear()
    chromium.open(broken, DESK)
    assert chromium.run("window.ran === undefined")
    assert computed(chromium, "body", "display") == "block"
    assert any("Content Security Policy" in fault for fault in chromium.faults)
    chromium.faults.clear()


def test_it_prints_in_the_light_whatever_the_theme(chromium, file):
    chromium.open(file, DESK, dark=True)
    printed = chromium.pdf()
    assert printed.startswith(b"%PDF-")
    assert len(printed) > 50_000
    chromium.call(
        "Emulation.setEmulatedMedia",
        media="print",
        features=[{"name": "prefers-color-scheme", "value": "dark"}],
    )
    assert computed(chromium, "h1", "color") == rgb(PAGE["ink"].light)
    assert computed(chromium, "svg .f-ink", "fill") == rgb(PAGE["ink"].light)
    assert computed(chromium, "nav", "display") == "none"
    chromium.call("Emulation.setEmulatedMedia", media="", features=[])


def test_without_a_script_everything_but_the_explorer_is_there(chromium, pages):
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(pages / "keyboard.html", DESK)
        assert chromium.run("document.querySelector('#theme').hidden")
        assert chromium.run("document.querySelectorAll('figure details').length") > 15
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)
