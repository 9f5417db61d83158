"""Delivery: a model on its way to a real board, and at work there: frames, ports, flashing, host code."""
