/* Rows of a table. Takes the same time for all ids.
 *
 * ids any int32: one outside of [0, rows) takes row 0. table and output in [-128, 127], width from 1. */
#include "zerotap_runtime.h"

void zerotap_gather(const int32_t *ids, const zerotap_gather_t *layer, int8_t *output)
{
    for (int32_t i = 0; i < layer->count; i++) {
        const int8_t *row = layer->table + zerotap_row(ids[i], layer->rows) * layer->width;
        for (int32_t left = layer->width; left > 0; left--) {
            *output++ = *row++;
        }
    }
}
