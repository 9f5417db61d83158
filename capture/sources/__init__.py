"""Sources: where packets come from. Each is driven through pyusb, so that one recorder serves them all."""
