/* Layers that run while a window arrives. No float, no heap, no libc. */
#ifndef ZEROTAP_STREAM_H
#define ZEROTAP_STREAM_H

#include "zerotap_runtime.h"

/* The rows of a layer. A window's first row is there with its first-th item, and rows more follow with every step-th;
 * windows begin every hop items. Window w is one of stream w modulo streams. All from 1 to 2^15. */
typedef struct {
    uint16_t first, step, rows, hop, streams;
} zerotap_pace_t;

/* wait = items until a window's next row, left = how many rows are to come, same = how many of the newest rows are equal
 * as they come from rows that fill a window up. */
typedef struct {
    uint16_t wait, left, same;
} zerotap_track_t;

/* until = items until the next window's first row, which goes to stream next; tracks [streams]. */
typedef struct {
    zerotap_track_t *const tracks;
    uint16_t until, next;
} zerotap_paced_t;

/* One item more: the stream that has a row now, else -1. No two have one with the same item. */
int32_t zerotap_row_due(const zerotap_pace_t *pace, zerotap_paced_t *state);
/* The same of a layer with one stream: whether it has a row now. Small, and its pace is known where it is called. */
static inline int32_t zerotap_only_row_due(const zerotap_pace_t *pace, zerotap_paced_t *state)
{
    zerotap_track_t *track = state->tracks;
    if (--state->until == 0) {
        track->wait = 1;
        track->left = pace->rows;
        state->until = pace->hop;
    }
    if (track->left == 0 || --track->wait > 0) {
        return 0;
    }
    track->wait = pace->step;
    track->left--;
    return 1;
}

void zerotap_pace_reset(const zerotap_pace_t *pace, zerotap_paced_t *state);

/* Rows kept one behind the other make room for a new one: size bytes move down by step bytes, any of them. */
void zerotap_slide_bytes(int8_t *rows, uint32_t step, uint32_t size);

/* Rows so far, modulo 2^16, and the place of the oldest maximum of the last span. */
typedef struct {
    uint16_t count, last;
} zerotap_moving_t;

/* largest, a row of shape's upper 16 bits of words, becomes the largest bytes of as many rows as its lower ones say. */
void zerotap_moving_max(zerotap_word_t *largest, zerotap_word_t *older, zerotap_word_t *spare, zerotap_moving_t *state,
                        uint32_t shape);

/* sums of the newest rows: row comes, oldest goes, and is row then. */
void zerotap_moving_sum(const int8_t *row, int8_t *oldest, int32_t *sums, uint32_t count);
/* sums += row, or sums = row where is_first is 1, not 0. */
void zerotap_add_row(const int8_t *row, int32_t *sums, uint32_t count, int32_t is_first);
/* sums += more. */
void zerotap_add_sums(const int32_t *more, int32_t *sums, uint32_t count);

#endif
