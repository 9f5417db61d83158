"""Verdicts: the statistics of pairs, and the paragraph that says which model wins, if one does."""
