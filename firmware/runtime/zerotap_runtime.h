/* What the generated code calls. No float, no heap, no libc; right shifts of negative numbers are arithmetic
 * (as in GCC and Clang). All tensors are int8, row-major, channels last, with a batch of 1. */
#ifndef ZEROTAP_RUNTIME_H
#define ZEROTAP_RUNTIME_H

#include <stdint.h>

/* Arduino compiles with -Os, with which a convolution takes half as many cycles again. Clang has no such pragma. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O2")
#endif

#define ZEROTAP_ALIGNED __attribute__((aligned(4)))

/* Both scale a sum by multiplier * 2^(shift - 31): value * 2^max(shift, 0) in int32, multiplier in [0, 2^31), shift
 * in [-31, 30]. This one rounds twice: the doubling high multiply, then the right shift. */
int32_t zerotap_requantise(int32_t value, int32_t multiplier, int32_t shift);
/* Rounds once, halves up. */
int32_t zerotap_requantise_once(int32_t value, int32_t multiplier, int32_t shift);

/* Clamps to [min, max], which lies inside [-128, 127]. */
int8_t zerotap_clamp(int32_t value, int32_t min, int32_t max);

/* Weights [outputs][inputs] in [-128, 127]; bias, multipliers and shifts [outputs]. */
typedef struct {
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    const int8_t *weights;
    const int32_t *bias;
    const int32_t *multipliers;
    const int8_t *shifts;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t output_min;
    int32_t output_max;
} zerotap_fully_connected_t;

/* input [rows][inputs], output [rows][outputs]; they must not overlap. */
void zerotap_fully_connected(const int8_t *input, const zerotap_fully_connected_t *layer, int8_t *output);

/* Windows over [height][width][channels]; positions outside of the input count as nothing. Strides, dilations
 * and kernels from 1, padding from 0. */
typedef struct {
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t padding_height, padding_width;
} zerotap_window_t;

/* Weights [output_channels][kernel_height][kernel_width][input_channels]. */
typedef struct {
    const zerotap_window_t *window;
    const int8_t *weights;
    const int32_t *bias;
    const int32_t *multipliers;
    const int8_t *shifts;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t output_min;
    int32_t output_max;
} zerotap_conv_2d_t;

void zerotap_conv_2d(const int8_t *input, const zerotap_conv_2d_t *layer, int8_t *output);

/* Weights [kernel_height][kernel_width][output_channels]; output channel o reads o / depth_multiplier. */
typedef struct {
    const zerotap_window_t *window;
    int32_t depth_multiplier;
    const int8_t *weights;
    const int32_t *bias;
    const int32_t *multipliers;
    const int8_t *shifts;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t output_min;
    int32_t output_max;
} zerotap_depthwise_conv_2d_t;

void zerotap_depthwise_conv_2d(const int8_t *input, const zerotap_depthwise_conv_2d_t *layer, int8_t *output);

typedef struct {
    const zerotap_window_t *window;
    int32_t output_min;
    int32_t output_max;
} zerotap_pool_2d_t;

void zerotap_max_pool_2d(const int8_t *input, const zerotap_pool_2d_t *layer, int8_t *output);
void zerotap_average_pool_2d(const int8_t *input, const zerotap_pool_2d_t *layer, int8_t *output);

/* Input [outer][reduced][inner], output [outer][inner]; the multiplier, in [0, 2^31), holds 1 / reduced. */
typedef struct {
    int32_t outer;
    int32_t reduced;
    int32_t inner;
    int32_t multiplier;
    int32_t shift;
    int32_t input_zero_point;
    int32_t output_zero_point;
} zerotap_mean_t;

void zerotap_mean(const int8_t *input, const zerotap_mean_t *layer, int8_t *output);

void zerotap_reduce_max(const int8_t *input, int32_t outer, int32_t reduced, int32_t inner, int8_t *output);

/* ids: count little-endian int32 of any alignment. An id outside of [0, rows) takes row 0. */
void zerotap_gather(const void *ids, int32_t count, const int8_t *table, int32_t rows, int32_t width,
                    int8_t *output);

typedef struct {
    int32_t size;
    int32_t multiplier;
    int32_t shift;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t output_min;
    int32_t output_max;
} zerotap_rescale_t;

/* input and output may be the same array. */
void zerotap_rescale(const int8_t *input, const zerotap_rescale_t *layer, int8_t *output);

/* table[q + 128] is the output for the input q; input and output may be the same array. */
void zerotap_lookup(const int8_t *input, int32_t size, const int8_t *table, int8_t *output);

/* exp[d] is exp of a logit d below the maximum, Q0.31; beyond table_size it is 0. Scale of the output 1/256, zero
 * point -128. input and output may be the same array. */
void zerotap_softmax(const int8_t *input, int32_t rows, int32_t depth, const int32_t *exp, int32_t table_size,
                     int8_t *output);

/* 1 / sum for a sum > 0 in Q12.19: the result in Q0.31, times 2^-power. */
int32_t zerotap_reciprocal(int32_t sum, int32_t *power);

#endif
