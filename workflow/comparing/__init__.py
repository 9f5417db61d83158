"""Comparing: models of every family on one dataset, trained or loaded, measured on the board, judged."""
