/* One report: the first id of the words that its new keys end.
 *
 * report [8] of any values; id in [1, 65536]. */
#include "zerotap_text.h"

int32_t zerotap_typed_grams_push(const uint8_t *report, const zerotap_typed_grams_t *grams, zerotap_gramming_t *state,
                                 int32_t *id)
{
    zerotap_typing_t *typing = &state->typing;
    typing->count = (uint8_t)zerotap_keys_pressed(report, typing->down, typing->pressed);
    typing->next = 0;
    typing->modifiers = report[0];
    return zerotap_typed_grams_more(grams, state, id);
}
