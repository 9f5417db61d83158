"""Features: windows of raw packets, or the ids of the words they spell.

Whatever the board runs is integer arithmetic.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
