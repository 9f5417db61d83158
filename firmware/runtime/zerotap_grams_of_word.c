/* The first id of the current word, which ends: its own, or where words have none, its first n-gram's.
 *
 * id in [1, 65536]. */
#include "zerotap_text.h"

#define MARK ' '

int32_t zerotap_grams_of_word(const zerotap_typed_grams_t *grams, zerotap_gramming_t *state, int32_t *id)
{
    const zerotap_typed_words_t *words = grams->words;
    const uint32_t length = state->typing.length < words->word_max ? state->typing.length : words->word_max;
    state->typing.length = 0;
    if (length == 0) {
        return 0;
    }
    words->word[-1] = MARK;
    words->word[length] = MARK;
    state->length = length + 2;
    state->size = grams->least;
    state->at = 0;
    if (!grams->with_words) {
        return zerotap_next_gram(grams, state, id);
    }
    const uint32_t hash = zerotap_super_fast_hash(words->word, length, length + grams->word_begin);
    *id = 1 + (int32_t)zerotap_remainder(hash, words->buckets);
    return 1;
}
