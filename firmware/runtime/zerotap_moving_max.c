/* The largest bytes of the newest rows, from the largest of half as many, and so on. The same time for all inputs.
 *
 * shape = words << 16 | rows, both from 1. largest [words] holds the newest row and becomes the result. older
 * [rows - 1][words]: for each span of 1, 2, 4, ... rows the span newest of its maxima, then what is left of rows;
 * spare [words] is overwritten. What a recording begins with is of no account once it has so many rows. */
#include "zerotap_pooling.h"
#include "zerotap_stream.h"

/* Exchanges the newest maximum with the one that is span rows older, and makes the larger of both the newest. */
static void widen(zerotap_word_t *largest, zerotap_word_t *place, zerotap_word_t *spare, uint32_t words)
{
    for (uint32_t i = 0; i < words; i++) {
        spare[i] = place[i];
        place[i] = largest[i];
    }
    zerotap_line_max(largest, spare, words << 16 | 1u, largest);
}

void zerotap_moving_max(zerotap_word_t *largest, zerotap_word_t *older, zerotap_word_t *spare, zerotap_moving_t *state,
                        uint32_t shape)
{
    const uint32_t words = shape >> 16;
    const uint32_t rows = shape & 0xFFFF;
    uint32_t span = 1;
    for (; 2 * span <= rows; span *= 2) {
        widen(largest, older + words * (state->count & (span - 1)), spare, words);
        older += words * span;
    }
    state->count++;
    if (rows > span) {
        widen(largest, older + words * state->last, spare, words);
        state->last = state->last + 1u == rows - span ? 0 : (uint16_t)(state->last + 1);
    }
}
