/* From the reports of a keyboard to the ids of the words that it types. No float, no heap, no libc. Every function
 * that gives results returns 1 where it has written one, else 0. */
#ifndef ZEROTAP_TEXT_H
#define ZEROTAP_TEXT_H

#include <stdint.h>

#ifndef ZEROTAP_ALIGNED
#define ZEROTAP_ALIGNED __attribute__((aligned(4)))
#endif

/* Boot reports (HID 1.11, appendix B.1): modifiers, a reserved byte, the usages of six keys. */
#define ZEROTAP_REPORT_KEYS 6
#define ZEROTAP_SHIFT 0x22
#define ZEROTAP_FIRST_USAGE 4 /* those below are no keys but errors */

/* layout [keys][2]: the characters of the usages from 4 on, plain and with shift, ASCII, 0 for none. word holds
 * word_max bytes, [1, 255]. buckets in [1, 65536]. split_at_spaces: 1, or 0 for runs of a-z, 0-9 and '. */
typedef struct {
    const uint8_t *layout;
    uint8_t *word;
    int32_t keys;
    uint32_t buckets;
    uint32_t word_max;
    int32_t split_at_spaces;
} zerotap_typed_words_t;

/* What is kept from one report to the next; all 0 at first. length is the current word's, whatever word_max; of
 * the keys that the last report pressed, those from next on are still to be taken. */
typedef struct {
    uint32_t length;
    uint8_t down[ZEROTAP_REPORT_KEYS];
    uint8_t pressed[ZEROTAP_REPORT_KEYS];
    uint8_t count;
    uint8_t next;
    uint8_t modifiers;
    uint8_t caps_lock;
} zerotap_typing_t;

/* report [8]. A result each for the words that its keys end, at most three: the first by push, others by more. */
int32_t zerotap_typed_words_push(const uint8_t *report, const zerotap_typed_words_t *words,
                                 zerotap_typing_t *typing, int32_t *id);
int32_t zerotap_typed_words_more(const zerotap_typed_words_t *words, zerotap_typing_t *typing, int32_t *id);

/* Ends the current word; its id in [1, buckets]. Nothing where there is none. */
int32_t zerotap_end_word(const zerotap_typed_words_t *words, zerotap_typing_t *typing, int32_t *id);

/* Takes one key, usage in [4, 223]. 1 where it ends the current word, if there is one. */
int32_t zerotap_type_key(uint8_t usage, const zerotap_typed_words_t *words, zerotap_typing_t *typing);

/* Finds the keys of report [8] that are not in down [6], in the report's order, into pressed [6], and keeps its
 * keys in down. Returns their number, [0, 6]; 0 for a rollover error, which keeps down as it is. */
int32_t zerotap_keys_pressed(const uint8_t *report, uint8_t *down, uint8_t *pressed);

/* The character that a key writes, usage in [4, 255], caps_lock 0 or 1; 0 for none. */
uint8_t zerotap_key_character(uint8_t usage, uint8_t modifiers, uint8_t caps_lock, const uint8_t *layout,
                              int32_t keys);

/* begin: length, and what a seed adds to it. */
uint32_t zerotap_super_fast_hash(const uint8_t *data, uint32_t length, uint32_t begin);

/* value modulo divisor, divisor in [1, 65536]; for a power of two in a few cycles, else in a fixed number. */
uint32_t zerotap_remainder(uint32_t value, uint32_t divisor);

/* What key_ids keeps from one report to the next; all 0 at first. Of the keys that the last report pressed, those from
 * next on are still to be given. */
typedef struct {
    uint8_t down[ZEROTAP_REPORT_KEYS];
    uint8_t pressed[ZEROTAP_REPORT_KEYS];
    uint8_t count;
    uint8_t next;
    uint8_t modifiers;
} zerotap_presses_t;

/* report [8]. The id of each key that it presses, [1, 127]: the first by push, others by more. */
int32_t zerotap_key_ids_push(const uint8_t *report, zerotap_presses_t *presses, int32_t *id);
int32_t zerotap_key_ids_more(zerotap_presses_t *presses, int32_t *id);

/* Ids of words and of their n-grams, those of least to most bytes, in [1, 8], of the word between two blanks. word of
 * words has room for the blanks: one byte before it, and one behind its word_max. word_begin and gram_begin are what
 * the seeds add to the length that a hash begins with; with_words: 1, or 0 for n-grams alone. */
typedef struct {
    const zerotap_typed_words_t *words;
    uint32_t word_begin, gram_begin;
    uint32_t least, most;
    int32_t with_words;
} zerotap_typed_grams_t;

/* All 0 at first. The ids that are still to be given of the word that ended last: of length bytes with its blanks, 0
 * for none; the next n-gram has size bytes from at on. */
typedef struct {
    zerotap_typing_t typing;
    uint32_t length, size, at;
} zerotap_gramming_t;

/* report [8]. The ids of the words that its keys end: the first by push, others by more until it gives 0, before the
 * next push. */
int32_t zerotap_typed_grams_push(const uint8_t *report, const zerotap_typed_grams_t *grams, zerotap_gramming_t *state,
                                 int32_t *id);
int32_t zerotap_typed_grams_more(const zerotap_typed_grams_t *grams, zerotap_gramming_t *state, int32_t *id);

/* The ids of the last word, one each time; then 0. */
int32_t zerotap_typed_grams_flush(const zerotap_typed_grams_t *grams, zerotap_gramming_t *state, int32_t *id);

/* Ends the current word: its own id, or else its first n-gram's. Nothing where there is none. */
int32_t zerotap_grams_of_word(const zerotap_typed_grams_t *grams, zerotap_gramming_t *state, int32_t *id);

/* The next n-gram's id, in [1, buckets]. */
int32_t zerotap_next_gram(const zerotap_typed_grams_t *grams, zerotap_gramming_t *state, int32_t *id);

/* Ids of a whole text, in a window of length, [1, 4096]: the first head, [0, length], and the last length - head. */
typedef struct {
    int32_t length;
    int32_t head;
} zerotap_pad_ids_t;

/* All 0 at first. next is the oldest of the last ids. */
typedef struct {
    int32_t count;
    int32_t next;
    int32_t given;
} zerotap_padding_t;

/* ids [length]: where they gather, the same array from the first push to flush. */
int32_t zerotap_pad_ids_push(const int32_t *id, const zerotap_pad_ids_t *window, zerotap_padding_t *state,
                             int32_t *ids);

/* Puts ids in their order and fills them up with zeros, once. */
int32_t zerotap_pad_ids_flush(const zerotap_pad_ids_t *window, zerotap_padding_t *state, int32_t *ids);

#endif
