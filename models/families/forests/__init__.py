"""Forests: what scikit-learn fits, taken over into integers."""
