"""Depthwise convolutions by pairs of positions: generated assembly, two outputs to a multiply."""
