"""The classes that a library tells apart: names, the largest score, per cents, in C and in Python."""
