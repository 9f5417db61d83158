/* The id of the next word that the last report's keys end.
 *
 * id in [1, 65536]. */
#include "zerotap_text.h"

int32_t zerotap_typed_words_more(const zerotap_typed_words_t *words, zerotap_typing_t *typing, int32_t *id)
{
    while (typing->next < typing->count) {
        if (zerotap_type_key(typing->pressed[typing->next++], words, typing) && zerotap_end_word(words, typing, id)) {
            return 1;
        }
    }
    return 0;
}
