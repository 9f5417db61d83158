from . import transforms as transforms
from .pipeline import Pipeline as Pipeline
from .text.hashing import super_fast_hash as super_fast_hash
from .text.keyboard import decode_text as decode_text
from .text.keyboard import raw_text as raw_text
from .text.keyboard import typed_text as typed_text
from .transforms.cutting import count_windows as count_windows
from .windows import Windows as Windows
