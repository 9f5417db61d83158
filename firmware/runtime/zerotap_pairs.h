/* Operators of two operands, of which one may repeat along some axes. */
#ifndef ZEROTAP_PAIRS_H
#define ZEROTAP_PAIRS_H

#include "zerotap_runtime.h"

/* Two operands of the output's extents: an operand's step is 0 where it repeats, and the middle and outer ones are added
 * once the loop inside has gone through. */
typedef struct {
    int32_t outer, middle, inner;
    int32_t first_outer, first_middle, first_inner;
    int32_t second_outer, second_middle, second_inner;
} zerotap_pairs_t;

/* (first * q1 + second * q2 + offset) >> shift, clamped to [0, span], plus low, of count elements from 1. operands in
 * [-128, 127]; neither sum leaves int32, shift in [0, 28], low in [-128, 127], span from 0, low + span at most 127. output
 * may be an operand. */
typedef struct {
    int32_t first, second, offset;
    int32_t span, low;
    int32_t count;
    int32_t shift;
} zerotap_add_elements_t;

void zerotap_add_elements(const int8_t *first, const int8_t *second, const zerotap_add_elements_t *layer, int8_t *output);

/* v = first * q1 + second * q2 + base; (v + (-1 where v < 0) + offset) >> shift, clamped to [0, span], plus low. */
typedef struct {
    zerotap_pairs_t pairs;
    int32_t first, second, base;
    int32_t offset, shift;
    int32_t low, span;
} zerotap_add_t;

void zerotap_add(const int8_t *first, const int8_t *second, const zerotap_add_t *layer, int8_t *output);

/* TFLite's steps: both operands shifted left by 20 and scaled, the sum (subtract -1: the difference) scaled. */
typedef struct {
    zerotap_pairs_t pairs;
    int32_t first_zero_point, first_multiplier, first_shift;
    int32_t second_zero_point, second_multiplier, second_shift;
    int32_t output_zero_point, output_multiplier, output_shift;
    int32_t subtract, output_min, output_max;
} zerotap_add_in_steps_t;

void zerotap_add_in_steps(const int8_t *first, const int8_t *second, const zerotap_add_in_steps_t *layer,
                          int8_t *output);

/* TFLite's steps: both operands scaled from a shift by 7, and the square of what they differ by. */
typedef struct {
    zerotap_pairs_t pairs;
    int32_t first_zero_point, first_multiplier, first_shift;
    int32_t second_zero_point, second_multiplier, second_shift;
    int32_t output_zero_point, output_multiplier, output_shift;
} zerotap_squared_difference_t;

void zerotap_squared_difference(const int8_t *first, const int8_t *second, const zerotap_squared_difference_t *layer,
                                int8_t *output);

/* The product of two codes without their zero points, scaled as by zerotap_scale_sums_signed. */
typedef struct {
    zerotap_pairs_t pairs;
    int32_t first_zero_point, second_zero_point;
    int32_t low, span;
    uint32_t fraction, factor, offset;
    int32_t half_middle, step;
} zerotap_multiply_t;

void zerotap_multiply(const int8_t *first, const int8_t *second, const zerotap_multiply_t *layer, int8_t *output);

/* TFLite's steps: the product scaled with two roundings. */
typedef struct {
    zerotap_pairs_t pairs;
    int32_t first_zero_point, second_zero_point;
    int32_t output_zero_point, output_multiplier, output_shift;
    int32_t output_min, output_max;
} zerotap_multiply_in_steps_t;

void zerotap_multiply_in_steps(const int8_t *first, const int8_t *second, const zerotap_multiply_in_steps_t *layer,
                               int8_t *output);

/* The larger of two codes, or the smaller one where least is -1 and not 0. */
typedef struct {
    zerotap_pairs_t pairs;
    int32_t least;
} zerotap_extremes_t;

void zerotap_extremes(const int8_t *first, const int8_t *second, const zerotap_extremes_t *layer, int8_t *output);

/* The first scaled, or where it is negative its product with the second, the slope. */
typedef struct {
    zerotap_pairs_t pairs;
    int32_t first_zero_point, second_zero_point;
    int32_t positive_multiplier, positive_shift;
    int32_t negative_multiplier, negative_shift;
    int32_t output_zero_point;
} zerotap_prelu_t;

void zerotap_prelu(const int8_t *first, const int8_t *second, const zerotap_prelu_t *layer, int8_t *output);

#endif
