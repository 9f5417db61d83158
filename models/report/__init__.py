"""Reports of trained and compared models."""
