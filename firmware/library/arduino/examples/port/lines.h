// Sends bytes to who reads along; waits for nobody where there is port_room() for them.
void port_write(const uint8_t *bytes, uint32_t count);
uint32_t port_room(void);
