"""Sphinx's settings for the site that `make docs` builds (docs/making/make_site.py)."""

from docstrings import as_restructured_text
from sphinx.application import Sphinx

from zerotap import __version__

project = "zerotap"
author = "The zerotap authors"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["making"]

smartquotes = False  # options begin with two hyphens

html_theme = "furo"
html_title = f"zerotap {__version__}"
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False

myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]

# The pages about Python come from docstrings; nothing of this weight is loaded for them.
_LIBRARIES = "tensorflow keras scipy sklearn unicorn capstone elftools tflite usb"
autodoc_mock_imports = _LIBRARIES.split()
autodoc_default_options = {"members": True, "member-order": "bysource"}
# A link that leads nowhere is a warning where a page asks for it; types in signatures need not be links.
nitpicky = True
nitpick_ignore_regex = [("py:(class|exc|meth|func|data|attr)", ".*")]
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88


def setup(app: Sphinx) -> None:
    """Let autodoc hand docstrings over as what they are: plain text with code in backticks."""
    app.connect("autodoc-process-docstring", _process)


def _process(
    _app: Sphinx, _what: str, _name: str, _object: object, _options: object, lines: list[str]
) -> None:
    lines[:] = as_restructured_text(lines)
