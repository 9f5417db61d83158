"""The C of linear tables."""
