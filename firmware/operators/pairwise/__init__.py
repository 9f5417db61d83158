"""Operators of two tensors, element by element, and what they share."""
