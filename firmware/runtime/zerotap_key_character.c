/* The character of a key. Caps lock swaps the levels of letters; control, alt and GUI write nothing.
 *
 * usage in [4, 255], caps_lock in [0, 1]; result in [0, 127]. */
#include "zerotap_text.h"

uint8_t zerotap_key_character(uint8_t usage, uint8_t modifiers, uint8_t caps_lock, const uint8_t *layout,
                              int32_t keys)
{
    const int32_t key = usage - ZEROTAP_FIRST_USAGE;
    if (key >= keys || (modifiers & ~ZEROTAP_SHIFT)) {
        return 0;
    }
    const uint8_t plain = layout[2 * key], shifted = layout[2 * key + 1];
    const int is_letter = plain >= 'a' && plain <= 'z' && shifted == plain - ('a' - 'A');
    const int shift = (modifiers & ZEROTAP_SHIFT) != 0;
    return (shift ^ (caps_lock & is_letter)) ? shifted : plain;
}
