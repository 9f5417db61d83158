"""The simulated board: programs linked for it, its core run with cycles and stack counted, and bounds."""
