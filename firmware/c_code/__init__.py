"""C text: its pieces, and the sources of runtime/ that generated code calls."""
