/* Blocks of bytes in opposite order. */
#include "zerotap_runtime.h"

void zerotap_reverse(const int8_t *input, uint32_t count, uint32_t size, int8_t *output)
{
    input += count * size;
    for (uint32_t block = 0; block < count; block++) {
        input -= size;
        for (uint32_t i = 0; i < size; i++) {
            *output++ = input[i];
        }
    }
}
