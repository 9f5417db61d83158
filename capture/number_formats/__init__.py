"""Files of numbers: one module a format, the registry, and what makes recordings of their tables."""
