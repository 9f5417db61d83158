"""The C twins of features' transforms: one module a transform, found by its name."""
