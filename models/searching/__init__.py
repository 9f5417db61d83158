"""Searching: the best models for a budget, by drawing configurations of every family."""
