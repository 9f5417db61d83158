"""Operators that only move bytes, and what they share."""
