"""Families of models, one file each, and their registry."""
