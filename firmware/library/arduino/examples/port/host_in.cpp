uint32_t port_read_block(uint8_t *bytes, uint32_t most)
{
    const int arrived = Serial.available();
    if (arrived <= 0) {
        return 0;
    }
    const uint32_t count = static_cast<uint32_t>(arrived);
    return Serial.readBytes(reinterpret_cast<char *>(bytes), count < most ? count : most);
}
