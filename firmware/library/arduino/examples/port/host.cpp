// Serial is the USB port. dtr() says whether a host has opened it: asking Serial itself takes 10 ms.
static void begin_host(void)
{
    Serial.begin(115200);
}

void port_write(const uint8_t *bytes, uint32_t count)
{
    if (Serial.dtr()) {
        Serial.write(bytes, count);
    }
}
