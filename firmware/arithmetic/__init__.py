"""TFLite's integer arithmetic in NumPy: fixed point, scaling by multipliers, gemmlowp."""
