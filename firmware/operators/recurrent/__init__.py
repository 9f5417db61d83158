"""Operators that carry values from one step to the next."""
