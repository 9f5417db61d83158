"""report.html: one file that says what was compared, what came of it and how that is known."""
