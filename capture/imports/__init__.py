"""Importing: captures and files of numbers, many at once, into a dataset; their classes and a summary."""
