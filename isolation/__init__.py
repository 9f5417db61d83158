"""What may crash, hang or swell runs in a child process, whose death is an error and not the end."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
