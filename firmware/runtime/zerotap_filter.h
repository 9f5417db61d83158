/* Recursive filters and single tones; features/filters.py and features/goertzel.py define every value. Integers only;
 * right shifts of negative numbers are arithmetic. */
#ifndef ZEROTAP_FILTER_H
#define ZEROTAP_FILTER_H

#include "zerotap_runtime.h"

/* Coefficients: a in Q14, b in Q(14 + k), k in [0, 15]. */
typedef struct {
    int16_t b0, b1, b2, a1, a2, k;
} zerotap_biquad_t;

/* The last two samples and results, and what the last shift cut off, in [0, 2^(14 + k)). */
typedef struct {
    int16_t x1, x2, y1, y2;
    int32_t rest;
} zerotap_biquad_state_t;

/* states [channels][sections] */
typedef struct {
    int32_t rows;
    int32_t channels;
    int32_t sections;
    const zerotap_biquad_t *biquads;
    zerotap_biquad_state_t *states;
} zerotap_filter_t;

/* One sample through one section. */
int16_t zerotap_biquad(int16_t sample, const zerotap_biquad_t *biquad, zerotap_biquad_state_t *state);
/* input and output [rows][channels]. Returns 1. */
int32_t zerotap_filter(const int16_t *input, const zerotap_filter_t *layer, int16_t *output);
/* All states at rest. */
void zerotap_filter_reset(const zerotap_filter_t *layer);

#endif
