/* One report: the id of the first key that it presses.
 *
 * report [8] of any values; id in [1, 127]. */
#include "zerotap_text.h"

int32_t zerotap_key_ids_push(const uint8_t *report, zerotap_presses_t *presses, int32_t *id)
{
    presses->count = (uint8_t)zerotap_keys_pressed(report, presses->down, presses->pressed);
    presses->next = 0;
    presses->modifiers = report[0];
    return zerotap_key_ids_more(presses, id);
}
