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

/* mantissa * 2^-exponent, mantissa in [2^14, 2^15), exponent in [14, 28]; sign 1 up to a quarter of the rate, else
 * -1; samples are shifted left by fraction, in [0, 12]. */
typedef struct {
    int16_t mantissa;
    int8_t exponent;
    int8_t sign;
    int8_t fraction;
} zerotap_tone_t;

typedef struct {
    int32_t length;
    int32_t channels;
    int32_t tones;
    const zerotap_tone_t *factors;
} zerotap_goertzel_t;

/* input [length][channels], output [tones][channels]. Returns 1. */
int32_t zerotap_goertzel(const int16_t *input, const zerotap_goertzel_t *layer, int32_t *output);

#endif
