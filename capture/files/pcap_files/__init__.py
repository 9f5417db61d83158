"""Files of packets: classic pcap and pcapng, and where each record of one starts."""
