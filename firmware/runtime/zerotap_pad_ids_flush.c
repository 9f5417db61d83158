/* The window of a whole text: the head, the ring from its oldest id on, and zeros.
 *
 * output [length]. */
#include "zerotap_text.h"

int32_t zerotap_pad_ids_flush(const zerotap_pad_ids_t *window, zerotap_padding_t *state, int32_t *output)
{
    int32_t from = window->head + state->next;
    if (state->given) {
        return 0;
    }
    for (int32_t i = 0; i < window->length; i++) {
        if (i < window->head) {
            output[i] = i < state->count ? window->ids[i] : 0;
        } else {
            output[i] = i < state->count ? window->ids[from++] : 0;
            from = from == window->length ? window->head : from;
        }
    }
    state->given = 1;
    return 1;
}
