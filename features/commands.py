"""The commands of features/: arguments in, one call, a report out."""
