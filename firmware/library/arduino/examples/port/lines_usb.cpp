// Serial1 is TX on pin $serial_pin, 3.3 V; Serial is the USB port. dtr() says whether a host has opened it: asking
// Serial itself takes 10 ms.
static void begin_lines(void)
{
    Serial1.begin(115200);
    Serial.begin(115200);
}

void port_write(const uint8_t *bytes, uint32_t count)
{
    Serial1.write(bytes, count);
    if (Serial.dtr()) {
        Serial.write(bytes, count);
    }
}

uint32_t port_room(void)
{
    const int room = Serial1.availableForWrite();
    return room > 0 ? static_cast<uint32_t>(room) : 0;
}
