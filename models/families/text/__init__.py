"""Families of models of the text that packets spell: ids of words, in their order."""
