/* A core of our own for the MKR Zero, as small as the example sketches need. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CLOCK_HZ 48000000u

/* setup(), and loop() for ever. */
void run_sketch(void);

/* 48 MHz from the board's crystal, one wait state. */
void clocks_begin(void);

/* Counts milliseconds by interrupt. */
void ticks_begin(void);
uint32_t ticks_ms(void);
uint32_t ticks_us(void);

/* Serial1: pins 13 (RX) and 14 (TX), 8N1, by interrupts. Sending waits only for room in the buffer. */
void serial1_begin(uint32_t baud);
void serial1_send(const uint8_t *bytes, uint32_t count);
uint32_t serial1_room(void);
uint32_t serial1_take(uint8_t *bytes, uint32_t most);

/* A serial port on USB (CDC ACM), by polling. What is sent before a host has opened it is dropped; sending waits
 * until what was sent before has been fetched, at most 100 ms. usb_take() looks after the host's requests. */
void usb_begin(void);
void usb_send(const uint8_t *bytes, uint32_t count);
uint32_t usb_take(uint8_t *bytes, uint32_t most);

/* The analog inputs A1 to A6 and A0, as channels 0 to 6: 0 to 4095. */
void analog_begin(void);
uint32_t analog_read(uint32_t channel);

#ifdef __cplusplus
}
#endif

#endif
