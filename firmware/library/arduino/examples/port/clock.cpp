uint32_t port_now_ms(void)
{
    return millis();
}

uint32_t port_now_us(void)
{
    return micros();
}
