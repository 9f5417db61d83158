"""USB 2.0 packets, as hardware analysers capture them, assembled to transfers."""
