"""The example sketches of a library."""

from .examples import EXAMPLES as EXAMPLES
from .examples import example_files as example_files
from .examples import example_notes as example_notes
from .facts import Sketched as Sketched
from .facts import sketched as sketched
