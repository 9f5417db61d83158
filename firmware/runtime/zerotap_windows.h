/* Reports and samples on their way into windows. No float, no heap, no libc; right shifts of negative numbers are
 * arithmetic. Every function that gives results returns 1 where it has written one, else 0. */
#ifndef ZEROTAP_WINDOWS_H
#define ZEROTAP_WINDOWS_H

#include <stdint.h>

/* Arduino compiles with -Os. Clang has no such pragma. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O2")
#endif

#ifndef ZEROTAP_ALIGNED
#define ZEROTAP_ALIGNED __attribute__((aligned(4)))
#endif

/* input and output [rows][channels]; low < high and multipliers [channels], multipliers in [16320, 255 << 22]. */
int32_t zerotap_range_scale(const int16_t *input, int32_t rows, int32_t channels, const int16_t *low,
                            const int16_t *high, const int32_t *multipliers, int8_t *output);

/* input and output [rows][channels]; low < high, shifts in [0, 16] and multipliers [channels]. */
int32_t zerotap_sample_scale(const int32_t *input, int32_t rows, int32_t channels, const int32_t *low,
                             const int32_t *high, const uint8_t *shifts, const uint32_t *multipliers,
                             int16_t *output);

/* What the elements of input are. */
enum { ZEROTAP_OF_INT8, ZEROTAP_OF_UINT8, ZEROTAP_OF_INT16, ZEROTAP_OF_INT32 };

/* input and output [rows][features]; low <= high, shift in [0, 16], multiplier and offset [features]. */
int32_t zerotap_standardise(const void *input, int32_t kind, int32_t rows, int32_t features, const int32_t *low,
                            const int32_t *high, const uint8_t *shift, const uint32_t *multiplier,
                            const int32_t *offset, int8_t *output);

/* size values; shift in [0, 31]. */
int32_t zerotap_narrow(const int32_t *input, int32_t size, int32_t shift, int16_t *output);

/* What fills up a window that is short: zeros, its last row again, or nothing (it is left out). */
enum { ZEROTAP_PADDING_ZERO, ZEROTAP_PADDING_EDGE, ZEROTAP_PADDING_DROP };

/* A ring of length rows; the window is its count rows from first on, in [1, length]. */
void zerotap_window_rows(const uint8_t *ring, int32_t length, int32_t row_bytes, int32_t first, int32_t count,
                         int32_t padding, uint8_t *window);

/* Windows of length rows every hop rows, 1 <= hop <= length <= 2^15; minimum_rows in [0, length]. */
typedef struct {
    int32_t row_bytes, length, hop, minimum_rows, padding;
} zerotap_count_window_t;

/* ring [length][row_bytes]; wait = rows until the next window, length at a recording's begin; given: there was one. */
typedef struct {
    uint8_t *ring;
    int32_t next, wait, given;
} zerotap_count_ring_t;

int32_t zerotap_count_window_push(const zerotap_count_window_t *rule, zerotap_count_ring_t *state, const void *row,
                                  void *window);
int32_t zerotap_count_window_flush(const zerotap_count_window_t *rule, zerotap_count_ring_t *state, void *window);
void zerotap_count_window_reset(const zerotap_count_window_t *rule, zerotap_count_ring_t *state);

/* Windows of duration_ms every hop_ms, 1 <= hop_ms <= duration_ms <= 2^30, of at most length rows and at least
 * fewest, both in [1, 2^15]. */
typedef struct {
    int32_t row_bytes, length, fewest, padding;
    uint32_t duration_ms, hop_ms;
} zerotap_time_window_t;

/* ring [length][row_bytes] and times [length] hold count rows from first on, pending [row_bytes] a row that waits until
 * the windows that it closes are given. Times begin with 0 at a recording's begin; clock is the last item's own. */
typedef struct {
    uint8_t *ring, *pending;
    uint32_t *times;
    int32_t first, count, is_pending, begun;
    uint32_t start, now, clock;
} zerotap_time_ring_t;

/* item: 4 bytes of milliseconds, little-endian, and a row. */
int32_t zerotap_time_window_push(const zerotap_time_window_t *rule, zerotap_time_ring_t *state, const void *item,
                                 void *window);
int32_t zerotap_time_window_more(const zerotap_time_window_t *rule, zerotap_time_ring_t *state, void *window);
int32_t zerotap_time_window_flush(const zerotap_time_window_t *rule, zerotap_time_ring_t *state, void *window);
void zerotap_time_window_reset(zerotap_time_ring_t *state);

/* The milliseconds of a timed item: its first 4 bytes, little-endian. */
uint32_t zerotap_item_ms(const void *item);
/* clock - before modulo 2^32; 0 where time runs back (a difference from 2^31 on). */
uint32_t zerotap_elapsed_ms(uint32_t clock, uint32_t before);

/* Eight steps an octave of milliseconds + 1, which lies in [1, 2^31]; the code lies in [0, 248]. */
uint8_t zerotap_log2_code(uint32_t milliseconds);

/* clock is the last item's own, valid where begun. */
typedef struct {
    uint32_t clock;
    int32_t begun;
} zerotap_clock_t;

/* Milliseconds since the item before, in [0, 2^31 - 1]; 0 for a recording's first. */
uint32_t zerotap_clock_step(zerotap_clock_t *state, const void *item);

/* item: 4 bytes of time and width bytes; output: kept (0 or 4) bytes of the time, the code, the width bytes. */
int32_t zerotap_elapsed_time(zerotap_clock_t *state, const uint8_t *item, int32_t width, int32_t kept,
                             uint8_t *output);

/* row: leading bytes and a boot report; output: the leading bytes, 8 modifiers and count keys, 0 or 255. */
int32_t zerotap_key_bits(const uint8_t *row, int32_t leading, const uint8_t *keys, int32_t count, uint8_t *output);

/* Means of factor samples, in [2, 256]; reciprocal is 2^32 / factor, rounded up. */
typedef struct {
    int32_t size, factor;
    uint32_t reciprocal;
} zerotap_decimate_t;

/* sums [size] of seen samples, in [0, factor - 1]. */
typedef struct {
    int32_t *sums;
    int32_t seen;
} zerotap_decimate_sums_t;

int32_t zerotap_decimate_push(const zerotap_decimate_t *rule, zerotap_decimate_sums_t *state, const int16_t *sample,
                              int16_t *mean);
void zerotap_decimate_reset(const zerotap_decimate_t *rule, zerotap_decimate_sums_t *state);

/* 8 modifiers and 6 keys. */
#define ZEROTAP_KEYS 14

/* usage 0: no key; times in [0, 32767]. */
typedef struct {
    uint8_t usage;
    int16_t dwell_ms, flight_ms;
} zerotap_keystroke_t;

/* keys: the usages of the last report that was none of rollover errors; down: the keys that are down; results:
 * count keystrokes, of which given were handed out. since_press_ms in [0, 32767], valid where has_pressed. */
typedef struct {
    zerotap_clock_t clock;
    uint8_t keys[ZEROTAP_KEYS];
    zerotap_keystroke_t down[ZEROTAP_KEYS], results[ZEROTAP_KEYS];
    int32_t count, given, has_pressed, since_press_ms;
} zerotap_keystrokes_t;

/* item: 4 bytes of time and a boot report. stroke: usage, dwell and flight. */
int32_t zerotap_keystrokes_push(zerotap_keystrokes_t *state, const uint8_t *item, int16_t *stroke);
int32_t zerotap_keystrokes_more(zerotap_keystrokes_t *state, int16_t *stroke);
void zerotap_keystrokes_reset(zerotap_keystrokes_t *state);

#endif
