"""Labelled recordings in a folder: made, imported, split, described, edited, converted."""
