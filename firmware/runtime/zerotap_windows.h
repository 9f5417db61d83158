/* Reports and samples on their way into windows. No float, no heap, no libc; right shifts of negative numbers are
 * arithmetic. Every function that gives results returns 1 where it has written one, else 0. */
#ifndef ZEROTAP_WINDOWS_H
#define ZEROTAP_WINDOWS_H

#include <stdint.h>

#ifndef ZEROTAP_ALIGNED
#define ZEROTAP_ALIGNED __attribute__((aligned(4)))
#endif

/* input and output [rows][channels]; low < high and multipliers [channels], multipliers in [16320, 255 << 22]. */
int32_t zerotap_range_scale(const int16_t *input, int32_t rows, int32_t channels, const int16_t *low,
                            const int16_t *high, const int32_t *multipliers, int8_t *output);

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

#endif
