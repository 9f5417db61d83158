/* The id of the next n-gram of the word that ended last: the shorter first, from left to right.
 *
 * id in [1, 65536]; 0, and nothing is left, behind the last one. */
#include "zerotap_text.h"

int32_t zerotap_next_gram(const zerotap_typed_grams_t *grams, zerotap_gramming_t *state, int32_t *id)
{
    const zerotap_typed_words_t *words = grams->words;
    uint32_t size = state->size;
    if (state->at + size > state->length) {
        state->size = ++size;
        state->at = 0;
    }
    if (size > grams->most || size > state->length) {
        state->length = 0;
        return 0;
    }
    const uint8_t *gram = words->word - 1 + state->at++;
    *id = 1 + (int32_t)zerotap_remainder(zerotap_super_fast_hash(gram, size, size + grams->gram_begin), words->buckets);
    return 1;
}
