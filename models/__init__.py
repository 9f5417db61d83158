"""Models: build, train, evaluate and compare small Keras models of either kind, raw or text."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
