// The board's own LED.
void port_led(bool on);
