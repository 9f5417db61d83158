"""What joins the rooms, from Python: a model becomes a verified Arduino library, or is compared with others.

    library = build(trained, "MoodNet", name="mood")
    library.report["cycles"]

What is given is checked first; TensorFlow is loaded when it is needed.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
