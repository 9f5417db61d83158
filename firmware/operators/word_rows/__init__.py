"""Rows of weights on words of two inputs, which are made once for all positions: the least code."""
