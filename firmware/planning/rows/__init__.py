"""Layers that run by rows, one behind the other, on rings of rows: nothing is computed twice."""
