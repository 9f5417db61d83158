"""The page as HTML: one file that needs nothing else, and lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from .palette import DESKTOP_SERIES, KIND_SERIES, SERIES, mark_path, style_rules
from .wording import NOTHING, clipped

if TYPE_CHECKING:
    from jinja2 import Environment

    from .view import Page

_TEMPLATES: Final = "templates"


def render(page: Page) -> str:
    """Write the page. Its Content-Security-Policy allows its own style and script, and pictures inside it.

    Whatever stands in ``page`` is text: autoescape. Jinja2 must be installed.
    """
    from markupsafe import Markup

    style = f"{style_rules()}\n{_source('page.css')}"
    script = _source("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(page=page, style=Markup(style), script=Markup(script), policy=policy)
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clipped"] = clipped
    environment.globals["nothing"] = NOTHING
    environment.globals["mark_path"] = mark_path
    environment.globals["kind_series"] = {**KIND_SERIES, "desktop": DESKTOP_SERIES}
    environment.globals["series_count"] = len(SERIES)
    return environment


@lru_cache
def _source(name: str) -> str:
    return (resources.files(__package__) / _TEMPLATES / name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    """What the policy calls content that it allows."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
