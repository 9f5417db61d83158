"""Capture: raw USB packets, labelled, on disk as pcapng.

A source yields packets, a session writes them, a dataset holds them. ``find_devices`` and ``record`` take
them from a device, ``import_capture`` from another program's file, ``type_messages`` from a keyboard that is
none; ``Dataset.open`` and ``read_recordings`` give them back as NumPy columns, ``describe`` in short.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
