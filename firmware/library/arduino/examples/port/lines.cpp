// Serial1 is TX on pin $serial_pin, 3.3 V.
static void begin_lines(void)
{
    Serial1.begin(115200);
}

void port_write(const uint8_t *bytes, uint32_t count)
{
    Serial1.write(bytes, count);
}

uint32_t port_room(void)
{
    const int room = Serial1.availableForWrite();
    return room > 0 ? static_cast<uint32_t>(room) : 0;
}
