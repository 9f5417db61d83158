/* The next id of the words that the last report's keys end.
 *
 * id in [1, 65536]. */
#include "zerotap_text.h"

int32_t zerotap_typed_grams_more(const zerotap_typed_grams_t *grams, zerotap_gramming_t *state, int32_t *id)
{
    zerotap_typing_t *typing = &state->typing;
    if (state->length && zerotap_next_gram(grams, state, id)) {
        return 1;
    }
    while (typing->next < typing->count) {
        if (zerotap_type_key(typing->pressed[typing->next++], grams->words, typing)
            && zerotap_grams_of_word(grams, state, id)) {
            return 1;
        }
    }
    return 0;
}
