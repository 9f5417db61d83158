/* The id of the next key that the last report presses: its usage, or 1 from 64 on, and 64 more with shift.
 *
 * id in [1, 127]. */
#include "zerotap_text.h"

enum { OF_SHIFT = 64, OTHER_KEY = 1 };

int32_t zerotap_key_ids_more(zerotap_presses_t *presses, int32_t *id)
{
    if (presses->next >= presses->count) {
        return 0;
    }
    const int32_t usage = presses->pressed[presses->next++];
    *id = (usage < OF_SHIFT ? usage : OTHER_KEY) + ((presses->modifiers & ZEROTAP_SHIFT) ? OF_SHIFT : 0);
    return 1;
}
