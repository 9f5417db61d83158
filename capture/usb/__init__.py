"""USB devices as the host sees them: found, opened and given back, asked, and polled for packets."""
