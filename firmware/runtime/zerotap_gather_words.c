/* Rows of a table, four bytes at once. Takes the same time for all ids.
 *
 * ids any int32: one outside of [0, rows) takes row 0. table and output in [-128, 127], aligned to 4 bytes; width a
 * multiple of 4. */
#include "zerotap_runtime.h"

void zerotap_gather_words(const int32_t *ids, const zerotap_gather_t *layer, int8_t *output)
{
    zerotap_word_t *target = (zerotap_word_t *)(void *)output;
    for (int32_t i = 0; i < layer->count; i++) {
        const int8_t *row = layer->table + zerotap_row(ids[i], layer->rows) * layer->width;
        const zerotap_word_t *source = (const zerotap_word_t *)(const void *)row;
        for (int32_t left = layer->width; left > 0; left -= 4) {
            *target++ = *source++;
        }
    }
}
