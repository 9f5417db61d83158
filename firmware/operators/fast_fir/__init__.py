"""Convolutions by a fast FIR algorithm: two positions share a product of each two taps, in straight line."""
