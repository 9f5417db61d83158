"""The Arduino library: a model, its preprocessing and its examples written as files."""
