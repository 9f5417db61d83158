/* The next id of the last word, which a recording's end ends.
 *
 * id in [1, 65536]. */
#include "zerotap_text.h"

int32_t zerotap_typed_grams_flush(const zerotap_typed_grams_t *grams, zerotap_gramming_t *state, int32_t *id)
{
    if (state->length && zerotap_next_gram(grams, state, id)) {
        return 1;
    }
    return zerotap_grams_of_word(grams, state, id);
}
