"""The main job in one command: type, train, quantise, export, verify."""
