"""Capture: raw USB packets, labelled, on disk as pcapng.

Sources yield packets, the recorder writes them, a Dataset holds them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
