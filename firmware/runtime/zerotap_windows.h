/* Reports and samples on their way into windows. No float, no heap, no libc; right shifts of negative numbers are
 * arithmetic. Every function that gives results returns 1 where it has written one, else 0. */
#ifndef ZEROTAP_WINDOWS_H
#define ZEROTAP_WINDOWS_H

#include <stdint.h>

#ifndef ZEROTAP_ALIGNED
#define ZEROTAP_ALIGNED __attribute__((aligned(4)))
#endif

/* input and output [rows][channels]; low < high and multipliers [channels], multipliers in [16320, 255 << 22]. */
int32_t zerotap_range_scale(const int16_t *input, int32_t rows, int32_t channels, const int16_t *low,
                            const int16_t *high, const int32_t *multipliers, int8_t *output);

#endif
