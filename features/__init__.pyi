from .windows import Windows as Windows
