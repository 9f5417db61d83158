"""The commands of capture/: arguments in, one call, a report out."""
