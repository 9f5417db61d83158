"""Sources: where packets come from. All but the replay go through pyusb and one read loop serves them."""
