/* See start.c. */
#include <stdint.h>

#define WORD(address) (*(volatile uint32_t *)(address))
#define HALF(address) (*(volatile uint16_t *)(address))
#define BYTE(address) (*(volatile uint8_t *)(address))

int main(void);
void start_board(void);
uint8_t next_byte(void);      /* waits for it */
void send_byte(uint8_t byte); /* waits for room */
