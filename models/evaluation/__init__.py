"""Evaluation: scores by recording and by window, and how far they can be trusted."""
