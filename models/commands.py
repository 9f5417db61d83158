"""The commands of models/: arguments in, one call, a report out."""
