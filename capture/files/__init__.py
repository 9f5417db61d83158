"""Every file format: pcapng and pcap, link types and usbmon, CSV and Edge Impulse's JSON."""
