/* The window of a whole text: the head, the ring turned so that its oldest id comes first, and zeros.
 *
 * ids [length]. */
#include "zerotap_text.h"

static void turn(int32_t *ids, int32_t first, int32_t end)
{
    while (first < --end) {
        const int32_t id = ids[first];
        ids[first++] = ids[end];
        ids[end] = id;
    }
}

int32_t zerotap_pad_ids_flush(const zerotap_pad_ids_t *window, zerotap_padding_t *state, int32_t *ids)
{
    const int32_t oldest = window->head + state->next;
    if (state->given) {
        return 0;
    }
    for (int32_t i = state->count; i < window->length; i++) {
        ids[i] = 0;
    }
    if (state->next > 0) {
        turn(ids, window->head, oldest);
        turn(ids, oldest, window->length);
        turn(ids, window->head, window->length);
    }
    state->given = 1;
    return 1;
}
