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
    zerotap_track_t *tracks;
    uint16_t until, next;
} zerotap_paced_t;

/* One item more: the stream that has a row now, else -1. No two have one with the same item. */
int32_t zerotap_row_due(const zerotap_pace_t *pace, zerotap_paced_t *state);
void zerotap_pace_reset(const zerotap_pace_t *pace, zerotap_paced_t *state);

/* Rows kept one behind the other make room for a new one: size bytes move down by step bytes, any of them. */
void zerotap_slide_bytes(int8_t *rows, uint32_t step, uint32_t size);

#endif
