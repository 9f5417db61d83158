/* How somebody strikes keys: features/transforms/key_profile.py defines every value. Integers only. Every function
 * that gives a row returns 1 where it has written one, else 0. */
#ifndef ZEROTAP_KEY_PROFILE_H
#define ZEROTAP_KEY_PROFILE_H

#include "zerotap_windows.h"

/* Values of a key: whether it was struck, and the codes of its last stroke. */
#define ZEROTAP_KEY_VALUES 4
#define ZEROTAP_KEY_PRESENT 127

/* Codes lie in [0, 120], those of release to press in [-120, 120]; a bin each, of dwell, press to press, and release
 * to press. */
#define ZEROTAP_LONGEST_CODE 120
#define ZEROTAP_CODES (ZEROTAP_LONGEST_CODE + 1)
#define ZEROTAP_CODE_BINS (4 * ZEROTAP_CODES - 1)
#define ZEROTAP_MOST_STROKES 65535

/* keys [count], count in [1, 64], values [count][4]; strokes of a row, 0 for a recording; bins [483], or 0 for no
 * quantiles. */
typedef struct {
    const uint8_t *keys;
    int32_t count;
    int32_t strokes;
    int8_t *values;
    uint16_t *bins;
} zerotap_key_profile_t;

/* seen strokes since the last row; given: there was one. dwell_before in [0, 32767]. */
typedef struct {
    int32_t seen;
    int32_t dwell_before;
    int32_t given;
} zerotap_profiling_t;

/* stroke: usage, dwell and press to press; times below 0 count as 0. row [4 * count], and 15 with quantiles. */
int32_t zerotap_key_profile_push(const int16_t *stroke, const zerotap_key_profile_t *profile,
                                 zerotap_profiling_t *state, int8_t *row);

/* The row of what is left, or of a recording without a stroke, once. */
int32_t zerotap_key_profile_flush(const zerotap_key_profile_t *profile, zerotap_profiling_t *state, int8_t *row);

/* Writes the row of the strokes seen, and begins another. Returns 1. */
int32_t zerotap_key_profile_row(const zerotap_key_profile_t *profile, zerotap_profiling_t *state, int8_t *row);

/* Begins a row: no key was struck. */
void zerotap_key_profile_begin(const zerotap_key_profile_t *profile, zerotap_profiling_t *state);

#endif
