"""Sources: where packets come from. USB and virtual devices share pyusb's read loop."""
