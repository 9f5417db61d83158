/* Rows of a table.
 *
 * ids: count little-endian int32 of any value and any alignment (read byte by byte: a Cortex-M0+ faults on an
 * unaligned word). An id outside of [0, rows) takes row 0. table and output in [-128, 127]. */
#include "zerotap_runtime.h"

static int32_t read_id(const uint8_t *bytes, int32_t rows)
{
    const uint32_t id =
        (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    return id < (uint32_t)rows ? (int32_t)id : 0;
}

void zerotap_gather(const void *ids, int32_t count, const int8_t *table, int32_t rows, int32_t width,
                    int8_t *output)
{
    const uint8_t *bytes = ids;
    for (int32_t i = 0; i < count; i++) {
        const int8_t *row = table + read_id(bytes + 4 * i, rows) * width;
        for (int32_t column = 0; column < width; column++) {
            *output++ = row[column];
        }
    }
}
