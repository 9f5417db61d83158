"""Comparing: what report.json and evidence.json hold, and the statistics and the verdict in them."""
