"""Baselines: what ordinary models on a desktop score on the same split. None is for the board."""
