/* SVDF: filters over features, then over time. */
#ifndef ZEROTAP_SVDF_H
#define ZEROTAP_SVDF_H

#include "zerotap_runtime.h"

/* SVDF: units * rank filters, each with the states of memory steps, oldest first; a state is (sum + offset) *
 * multiplier * 2^(shift - 31), saturated; of bytes plus a zero point, which may wrap. offsets [units * rank], bias [units],
 * time [units * rank][memory]. */
typedef struct {
    int32_t units, rank, memory;
    int32_t multiplier, shift, zero_point;
    const int32_t *offsets, *bias;
    const int16_t *time;
} zerotap_svdf_words_t;

typedef struct {
    int32_t units, rank, memory;
    int32_t multiplier, shift, zero_point;
    const int32_t *offsets, *bias;
    const int8_t *time;
} zerotap_svdf_bytes_t;

/* Shifts each filter's states by a step, whose new one is made of sums[units * rank]; the first units of sums become
 * bias + states * time, of all filters of a unit. */
void zerotap_svdf_words(int32_t *sums, const zerotap_svdf_words_t *layer, int16_t *state);
void zerotap_svdf_bytes(int32_t *sums, const zerotap_svdf_bytes_t *layer, int8_t *state);

#endif
