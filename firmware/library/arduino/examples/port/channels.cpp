// The inputs that the model's channels are, in their order: change them to how your sensor is wired.
static const uint8_t PINS[] = {$pins};

static void begin_channels(void)
{
    analogReadResolution(12);
}

int16_t port_channel(uint32_t channel)
{
    return static_cast<int16_t>(analogRead(PINS[channel]));
}
