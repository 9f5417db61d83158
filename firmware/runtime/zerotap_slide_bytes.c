/* Rows kept one behind the other make room for a new one: bytes of them move down by step.
 *
 * rows at any address, step and size from 1. */
#include "zerotap_stream.h"

void zerotap_slide_bytes(int8_t *rows, uint32_t step, uint32_t size)
{
    for (; size > 0; size--) {
        *rows = rows[step];
        rows++;
    }
}
