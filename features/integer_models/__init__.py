"""Integer models: fitted tables and forests that score in integers alone; their NumPy form is the oracle.

models/ fits them and firmware/ writes their C twins: both see them here, as they see transforms.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
