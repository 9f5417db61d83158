// A reading of a channel, 0 to 4095 of the board's analog inputs.
int16_t port_channel(uint32_t channel);
