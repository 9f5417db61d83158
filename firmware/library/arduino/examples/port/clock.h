// Time since the start, modulo 2^32.
uint32_t port_now_ms(void);
uint32_t port_now_us(void);
