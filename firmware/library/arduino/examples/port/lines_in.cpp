uint32_t port_read_block(uint8_t *bytes, uint32_t most)
{
    uint32_t count = 0;
    while (count < most && Serial1.available() > 0) {
        bytes[count++] = static_cast<uint8_t>(Serial1.read());
    }
    return count;
}
