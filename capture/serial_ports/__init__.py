"""Serial ports that the operating system has drivers for: which there are, and how to open one."""
