"""Plans of integer models: which of a twin's implementations, and what it costs."""
