"""A model with its preprocessing in C: NAME_push() takes packets, and the windows are cut on the board."""
