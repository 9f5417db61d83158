/* Where activations are not their zero point. Takes longer the more there are; four zeros in an aligned word take as
 * long as one.
 *
 * input in [-128, 127], zero_point in [-128, 127], count below 2^14; list has room for count + 1. */
#include "zerotap_runtime.h"

static inline uint32_t *append(uint32_t *entry, int32_t value, uint32_t position)
{
    if (value != 0) {
        *entry++ = position << 18 | ((uint32_t)value & 0xffffu);
    }
    return entry;
}

void zerotap_nonzero(const int8_t *input, int32_t zero_point, uint32_t count, uint32_t *list)
{
    const uint32_t zeros = ((uint32_t)zero_point & 0xffu) * 0x01010101u;
    const uint32_t whole = ((uintptr_t)input & 3u) == 0 ? count & ~3u : 0;
    uint32_t *entry = list + 1;
    uint32_t i = 0;
    for (; i < whole; i += 4) {
        if (*(const zerotap_word_t *)(const void *)(input + i) != zeros) {
            entry = append(entry, input[i] - zero_point, i);
            entry = append(entry, input[i + 1] - zero_point, i + 1);
            entry = append(entry, input[i + 2] - zero_point, i + 2);
            entry = append(entry, input[i + 3] - zero_point, i + 3);
        }
    }
    for (; i < count; i++) {
        entry = append(entry, input[i] - zero_point, i);
    }
    list[0] = (uint32_t)(entry - list) - 1u;
}
