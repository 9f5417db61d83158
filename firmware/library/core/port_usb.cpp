// The port of SerialStream on this core, over USB as on Arduino's.
#include "board.h"

void port_begin(void)
{
    usb_begin();
}

uint32_t port_now_ms(void)
{
    return ticks_ms();
}

uint32_t port_now_us(void)
{
    return ticks_us();
}

void port_write(const uint8_t *bytes, uint32_t count)
{
    usb_send(bytes, count);
}

uint32_t port_read_block(uint8_t *bytes, uint32_t most)
{
    return usb_take(bytes, most);
}
