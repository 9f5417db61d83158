"""From a USB tap to a verified int8 classifier on an Arduino MKR Zero.

    import zerotap as zt

    ds = zt.Dataset.open("moods")
    trained = zt.train(ds, "conv")
    library = zt.build(trained, "MoodNet", name="mood")

Data flows one way: ``zerotap.capture`` -> ``zerotap.features`` -> ``zerotap.models`` -> ``zerotap.firmware``.
Importing this package loads nothing heavy; each room's door, and this one, loads what is asked of it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = "0.2.0"
