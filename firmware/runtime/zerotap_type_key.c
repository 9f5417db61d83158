/* One key on the current word: its character joins it, Backspace takes one back, any other key but caps lock ends it.
 *
 * usage in [4, 223]; 1 where it ends the word. A word longer than word_max is cut; its length is still counted, for Backspace. */
#include "zerotap_text.h"

#define BACKSPACE 0x2A
#define CAPS_LOCK 0x39

static uint8_t lower(uint8_t character)
{
    return character >= 'A' && character <= 'Z' ? (uint8_t)(character + ('a' - 'A')) : character;
}

static int is_in_word(uint8_t character, int32_t split_at_spaces)
{
    if (split_at_spaces) {
        return character > ' ';
    }
    return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') || character == '\'';
}

int32_t zerotap_type_key(uint8_t usage, const zerotap_typed_words_t *words, zerotap_typing_t *typing)
{
    if (usage == CAPS_LOCK) {
        typing->caps_lock ^= 1;
        return 0;
    }
    const uint8_t character = lower(
        zerotap_key_character(usage, typing->modifiers, typing->caps_lock, words->layout, words->keys));
    if (is_in_word(character, words->split_at_spaces)) {
        if (typing->length < words->word_max) {
            words->word[typing->length] = character;
        }
        typing->length++;
        return 0;
    }
    if (usage == BACKSPACE && !(typing->modifiers & ~ZEROTAP_SHIFT)) {
        typing->length -= typing->length > 0;
        return 0;
    }
    return 1;
}
