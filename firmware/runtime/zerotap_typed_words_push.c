/* One report: the id of the first word that its new keys end.
 *
 * report [8] of any values; id in [1, 65536]. */
#include "zerotap_text.h"

int32_t zerotap_typed_words_push(const uint8_t *report, const zerotap_typed_words_t *words,
                                 zerotap_typing_t *typing, int32_t *id)
{
    typing->count = (uint8_t)zerotap_keys_pressed(report, typing->down, typing->pressed);
    typing->next = 0;
    typing->modifiers = report[0];
    return zerotap_typed_words_more(words, typing, id);
}
