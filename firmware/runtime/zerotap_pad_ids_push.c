/* Keeps an id: the first ids in their places, then the last ones in a ring behind the head.
 *
 * id of any value. */
#include "zerotap_text.h"

int32_t zerotap_pad_ids_push(const int32_t *id, const zerotap_pad_ids_t *window, zerotap_padding_t *state,
                             int32_t *ids)
{
    if (state->count < window->length) {
        ids[state->count++] = *id;
    } else if (window->head < window->length) {
        ids[window->head + state->next++] = *id;
        if (state->next == window->length - window->head) {
            state->next = 0;
        }
    }
    return 0;
}
