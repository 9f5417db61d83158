"""The commands of firmware/: arguments in, one call, a report out."""
