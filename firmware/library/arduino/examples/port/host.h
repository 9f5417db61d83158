// Sends bytes to the host; nothing is sent before one listens.
void port_write(const uint8_t *bytes, uint32_t count);
