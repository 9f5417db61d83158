// Takes what has arrived, at most so many bytes; 0 at once where nothing has.
uint32_t port_read_block(uint8_t *bytes, uint32_t most);
