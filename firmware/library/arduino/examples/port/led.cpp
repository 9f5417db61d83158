static void begin_led(void)
{
    pinMode(LED_BUILTIN, OUTPUT);
}

void port_led(bool on)
{
    digitalWrite(LED_BUILTIN, on ? HIGH : LOW);
}
