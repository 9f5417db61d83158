"""Serial chips: what they put between the bytes of the line, taken out of what was captured on the bus."""
