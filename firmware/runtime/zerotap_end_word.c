/* The id of the current word, which ends: 1 + SuperFastHash modulo buckets.
 *
 * id in [1, 65536]. */
#include "zerotap_text.h"

int32_t zerotap_end_word(const zerotap_typed_words_t *words, zerotap_typing_t *typing, int32_t *id)
{
    const uint32_t length = typing->length < words->word_max ? typing->length : words->word_max;
    typing->length = 0;
    if (length == 0) {
        return 0;
    }
    *id = 1 + (int32_t)zerotap_remainder(zerotap_super_fast_hash(words->word, length, length), words->buckets);
    return 1;
}
