"""Every registered transform, one file each: ``names()``, ``describe("spectrum")``, ``Spectrum("hann")``.

The others are their interface and registry, and what several of them share.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
