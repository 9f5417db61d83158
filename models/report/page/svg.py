"""matplotlib's SVG as the page takes it: its colours are classes, its ids its own, no style and no metadata.

The page's Content-Security-Policy takes no style that stands in an element, so each becomes attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as Tree

from .palette import ROLE_OF
from .wording import short

if TYPE_CHECKING:
    from markupsafe import Markup

_SVG: Final = "http://www.w3.org/2000/svg"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_PAINTS: Final = {"fill": "f", "stroke": "s"}
_LEFT_OUT: Final = {"font-family", "image-rendering", "stroke-linejoin", "mix-blend-mode"}
"""Said once in the style sheet."""
_REFERENCE: Final = re.compile(r"url\(#([^)]+)\)")
_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}")
_NO_TURN: Final = re.compile(r"rotate\(-?0 [^)]*\)")
_GEOMETRY: Final = {"d", "x", "y", "transform", "stroke-width", "points"}
_MASKED: Final = ("width", "height")
_WORDS_MOST: Final = 700
POINTS: Final = "points"
IMAGE_ROLE: Final = "series0"
"""What an image's white becomes; its black is the surface."""


def themed(svg: str, name: str, words: tuple[str, str], points: Sequence[dict[str, str]] = ()) -> Markup:
    """Make a drawn picture an element of the page.

    ``words`` are its title and what is seen in it. ``points``: the data attributes of each mark of the
    collection whose gid is "points". Raises KeyError for a colour that the page does not have.
    """
    from markupsafe import Markup

    root = Tree.fromstring(svg)
    _drop(root)
    if points:
        _name_points(root, points)
    for element in list(root.iter()):
        _restyle(element)
    _own_ids(root, name)
    _describe(root, name, words)
    _plain_tags(root)
    return Markup(Tree.tostring(root, encoding="unicode"))


def _drop(root: Tree.Element) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)


def _restyle(element: Tree.Element) -> None:
    _classes(element)
    if _LINK in element.attrib:
        element.set("href", "".join(element.attrib.pop(_LINK).split()))
    if _NO_TURN.fullmatch(element.get("transform", "")):
        del element.attrib["transform"]
    for key in _GEOMETRY & element.attrib.keys():
        element.set(key, _NUMBER.sub(_rounded, " ".join(element.attrib[key].split())))
    if element.tag == f"{{{_SVG}}}image":
        _mask(element)


def _classes(element: Tree.Element) -> None:
    """Colours become classes, the rest of a style attributes."""
    classes = []
    for key, value in _declarations(element.attrib.pop("style", "")):
        if key in _PAINTS and value.startswith("#"):
            classes.append(f"{_PAINTS[key]}-{ROLE_OF[value]}")
        elif key not in _LEFT_OUT:
            element.set(key, value.removesuffix("px"))
    if classes:
        element.set("class", " ".join(classes))


def _mask(element: Tree.Element) -> None:
    """An image of greys becomes the mask of a rectangle in a colour of the page: it follows the theme too."""
    size = {key: element.attrib[key] for key in _MASKED}
    name = f"mask-{element.attrib.pop('id')}"
    image = Tree.Element(element.tag, {**size, "href": element.attrib["href"]})
    shape = {**size, "class": f"f-{IMAGE_ROLE}", "mask": f"url(#{name})"}
    transform = element.attrib["transform"]
    element.tag = f"{{{_SVG}}}g"
    element.attrib.clear()
    element.set("transform", transform)
    Tree.SubElement(element, f"{{{_SVG}}}mask", {"id": name}).append(image)
    Tree.SubElement(element, f"{{{_SVG}}}rect", shape)


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    for declaration in filter(str.strip, style.split(";")):
        key, _, value = declaration.partition(":")
        yield key.strip(), value.strip()


def _own_ids(root: Tree.Element, name: str) -> None:
    """Ids that something refers to begin with the picture's name; the others go."""
    used = {element.get("href", "").removeprefix("#") for element in root.iter()}
    for element in root.iter():
        used.update(match for value in element.attrib.values() for match in _REFERENCE.findall(value))
    for element in root.iter():
        own = element.attrib.pop("id", "")
        if own in used - {""}:
            element.set("id", f"{name}-{own}")
        for key, value in element.attrib.items():
            if key == "href" and value.startswith("#"):
                element.set(key, f"#{name}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, _REFERENCE.sub(rf"url(#{name}-\1)", value))


def _name_points(root: Tree.Element, points: Sequence[dict[str, str]]) -> None:
    groups = [element for element in root.iter() if element.get("id", "").startswith(POINTS)]
    marks = [use for group in groups for use in group.iter(f"{{{_SVG}}}use")]
    for mark, told in zip(marks, points, strict=True):
        for key, value in told.items():
            mark.set(f"data-{key}", value)


def _describe(root: Tree.Element, name: str, words: tuple[str, str]) -> None:
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    for at, (tag, text) in enumerate(zip(("title", "desc"), words, strict=True)):
        child = Tree.Element(f"{{{_SVG}}}{tag}", {"id": f"{name}-{tag}"})
        child.text = short(text, _WORDS_MOST)
        root.insert(at, child)


def _plain_tags(root: Tree.Element) -> None:
    """HTML knows svg's elements without a namespace."""
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
        element.text = element.text.strip() if element.text and len(element) else element.text
        element.tail = None


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
