"""Firmware: int8 .tflite -> graph -> plan -> C -> a linked program, proved on a simulated board."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
