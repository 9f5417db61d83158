"""Keyboard reports to text: key presses, an editor's view, words and their hashed ids."""
