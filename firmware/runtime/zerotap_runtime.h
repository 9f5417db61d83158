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

/* (a * b + 2^30) >> 31, which fits unless both are -2^31. */
int32_t zerotap_high_product(int32_t a, int32_t b);

/* Clamps to [min, max], which lies inside [-128, 127]. */
int8_t zerotap_clamp(int32_t value, int32_t min, int32_t max);

/* A mask of 0 or -1, out of the compiler's sight: Clang turns masks back into branches. */
static inline int32_t zerotap_mask(int32_t mask)
{
    __asm__("" : "+r"(mask));
    return mask;
}

/* -1 where value is negative, else 0; the compiler sees neither where value comes from nor what the mask is. */
static inline int32_t zerotap_negative(int32_t value)
{
    return zerotap_mask(zerotap_mask(value) >> 31);
}

/* The larger one in the same time for all: a and b in [-2^30, 2^30). */
static inline int32_t zerotap_larger(int32_t a, int32_t b)
{
    const int32_t difference = a - b;
    return a - (difference & zerotap_mask(difference >> 31));
}

/* Four int8 at once, read where other code writes them one by one. */
typedef uint32_t __attribute__((may_alias)) zerotap_word_t;

/* Rows of weights: sums[o] = sum of weight[o][i] * input[i] over int8 activations, for shape = outputs << 16 | inputs,
 * outputs a multiple of 4 (sums has room for as many), both at least 1. No zero point and no bias: the scales hold
 * them. input may have any alignment (4 bytes is faster). sums_dot takes [block of 4 outputs][word][4], each word the
 * weights of two inputs, wj + (wi << 16), which may not both be -128: of every four inputs 0 and 2, then 1 and 3; of what
 * is left neighbours, a last one with a weight of 0. It has up to 128 inputs a call, the others as many as their names
 * say; with outputs + 1 in place of outputs it adds to sums, so that further calls take what is left of a row.
 * sums_bytes takes [block][input][4] in [-128, 127], of up to 65535 inputs; sums_nibbles [block][input] of four 4-bit
 * weights. */
void zerotap_sums_dot(const int8_t *input, const int32_t *weights, int32_t *sums, uint32_t shape);
void zerotap_sums_dot_16(const int8_t *input, const int32_t *weights, int32_t *sums, uint32_t shape);
void zerotap_sums_dot_64(const int8_t *input, const int32_t *weights, int32_t *sums, uint32_t shape);
void zerotap_sums_dot_128(const int8_t *input, const int32_t *weights, int32_t *sums, uint32_t shape);
void zerotap_sums_dot_plain(const int8_t *input, const int32_t *weights, int32_t *sums, uint32_t shape);
void zerotap_sums_bytes(const int8_t *input, const int8_t *weights, int32_t *sums, uint32_t shape);
void zerotap_sums_nibbles(const int8_t *input, const uint16_t *weights, int32_t *sums, uint32_t shape);

/* Rows of at least 4 inputs as by zerotap_sums_dot, scaled as by zerotap_scale_sums, for shape = outputs << 18 | inputs. table: for each four
 * outputs -low of each, their words of weights, and span, fraction, factor and offset of each; zeros where there are no
 * outputs. The largest sums of several positions are scaled where sums is not 0 (room for whole fours): 1 << 16 stays in
 * the shape for all positions but the last, which writes the output, and 2 << 16 for all but the first. Those
 * that are named whole have single positions and whole fours of outputs alone. */
void zerotap_scale_dot_16(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape);
void zerotap_scale_dot_16_whole(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape);
void zerotap_scale_dot_64_whole(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape);
void zerotap_scale_dot_128_whole(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape);
void zerotap_scale_dot_64(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *sums);
void zerotap_scale_dot_128(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *sums);
void zerotap_scale_dot_plain(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *sums);

/* The same in less code, the less the fewer words a turn has, for any number of inputs. It makes their words first, where
 * words says, (inputs + 1) / 2 of them: neighbours share one, x + (next << 16), and of an odd number the first is alone,
 * above; no outputs: it only makes words. With 2 << 16 in the shape input is words that were made before. table: for each
 * four outputs, of which the last may be fewer and are then those of the last lanes, -low of each lane, [word][lane]
 * weights of two inputs, (first << 16) + second, which may not both be -128, and span, fraction, factor and offset of each
 * output. Those for pools: words that were made before of several positions, the largest sums of which are kept in words;
 * the shape says which position it is, as above; words is 0 for a single one. scale_fours has a multiple of four inputs,
 * and words of 0 and 2, then 1 and 3, of every four: they are made faster, where inputs are aligned to 4 bytes most. */
void zerotap_scale_words_2(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words);
void zerotap_scale_words_4(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words);
void zerotap_scale_words_8(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words);
void zerotap_scale_words_2_pool(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words);
void zerotap_scale_words_4_pool(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words);
void zerotap_scale_words_8_pool(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words);
void zerotap_scale_fours_2(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words);
void zerotap_scale_fours_4(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words);
void zerotap_scale_fours_8(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words);
void zerotap_scale_words_plain(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words);
void zerotap_scale_fours_plain(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words);

/* The same sums where most inputs are their zero point: nonzero lists the others, list[0] of them from list[1] on, each
 * as position << 18 | (q - zero_point) & 0xffff; sums_nonzero takes for each block of 4 outputs the four sums of inputs
 * that all are the zero point, then [input][4] weights of 8 bits. The time depends on how many there are. */
void zerotap_nonzero(const int8_t *input, int32_t zero_point, uint32_t count, uint32_t *list);
void zerotap_sums_nonzero(const uint32_t *list, const int32_t *weights, int32_t *sums, uint32_t shape);

/* sums[c] = sum of weight[t][c] * input[t][c] over the taps t, for shape = channels << 16 | taps, weights in
 * [-128, 127], channels * taps below 65536. */
void zerotap_depthwise_sums(const int8_t *input, const int8_t *weights, int32_t *sums, uint32_t shape);
/* The same by words: channels a multiple of 4, weights aligned to 4 bytes (as the input had better be). */
void zerotap_depthwise_words(const int8_t *input, const int8_t *weights, int32_t *sums, uint32_t shape);

/* sums[c] = sum of input[r][c] over the rows r, for shape = columns << 16 | rows. */
void zerotap_column_sums(const int8_t *input, int32_t *sums, uint32_t shape);
/* The same by words: columns a multiple of 4 from 8, rows up to 257, input aligned to 4 bytes. */
void zerotap_column_words(const int8_t *input, int32_t *sums, uint32_t shape);

/* sums[c] = sum of table[id][c] over count ids, for shape = columns << 16 | count: columns a multiple of 8, count from 1
 * to 257, ids aligned to 4 bytes. An id outside of [0, rows) takes row 0. bag: the number of rows, uint32_t, then the
 * table of q + 128, a byte each, row after row. */
void zerotap_bag_sums(const int32_t *ids, const void *bag, int32_t *sums, uint32_t shape);
/* The same with a table of q + 8, two a byte, the lower nibble first. */
void zerotap_bag_nibble_sums(const int32_t *ids, const void *bag, int32_t *sums, uint32_t shape);

/* The window whose first position is (top, left), copied together: [kernel_height][kernel_width][channels], each channel
 * repeat times, fill where the window leaves the input. Extents and repeat from 1; top and left any; the copy must not
 * overlap the input. */
typedef struct {
    int32_t input_height, input_width, channels;
    int32_t kernel_height, kernel_width;
    int32_t dilation_height, dilation_width;
    int32_t repeat;
    int8_t fill;
} zerotap_patch_t;

void zerotap_patch(const int8_t *input, const zerotap_patch_t *patch, int32_t top, int32_t left, int8_t *copy);

/* sums[i] = the larger of sums[i] and others[i], in [-2^30, 2^30). count from 1. */
void zerotap_max_sums(const int32_t *others, uint32_t count, int32_t *sums);

/* A sum to int8. With x = sum - low, clamped to [0, span],
 *     output = (x * factor + (x * fraction >> bits) + offset) >> 24   (arithmetic),
 * where bits is 14 and span below 2^18, or, in the wide forms, 16 and span of any size; fraction is below 2^bits. The
 * exporter chooses the five so that every sum gets TFLite's result, and proves it. Sums in [-2^30, 2^30). */
typedef struct {
    int32_t low;
    uint32_t span;
    uint32_t fraction;
    uint32_t factor;
    uint32_t offset;
} zerotap_scale_t;

void zerotap_scale_sums(const int32_t *sums, const zerotap_scale_t *scales, uint32_t count, int8_t *output);
void zerotap_scale_sums_wide(const int32_t *sums, const zerotap_scale_t *scales, uint32_t count, int8_t *output);
/* What is shifted right by 24 at last. */
uint32_t zerotap_scaled_sum(int32_t sum, const zerotap_scale_t *scale, uint32_t bits);

/* The same where TFLite rounds twice and results have both signs: below the middle, step comes off before the shift.
 * shape = the middle's upper 16 bits << 16 | count; its lower ones are 0. */
typedef struct {
    zerotap_scale_t scale;
    uint32_t step;
} zerotap_signed_scale_t;

void zerotap_scale_sums_signed(const int32_t *sums, const zerotap_signed_scale_t *scales, uint32_t shape,
                               int8_t *output);
void zerotap_scale_sums_wide_signed(const int32_t *sums, const zerotap_signed_scale_t *scales, uint32_t shape,
                                    int8_t *output);

/* The same with one scale for all outputs, of the wide form. */
void zerotap_scale_uniform(const int32_t *sums, const zerotap_signed_scale_t *scale, uint32_t shape, int8_t *output);

/* TFLite's own arithmetic for sums, where flash is short or no zerotap_scale_t is exact. table: this head, then
 * length of each: int32_t bias, int32_t multipliers, int8_t shifts. |sum + bias| * 2^max(shift, 0) < 2^30. mode -1 rounds
 * twice (see zerotap_requantise), 0 once (shifts below 0; see zerotap_requantise_once). step 4, or 0 for one scale. */
typedef struct {
    int8_t zero_point;
    int8_t min;
    int8_t max;
    int8_t mode;
    uint16_t length;
    uint16_t step;
} zerotap_rounding_t;

void zerotap_round_sums(const int32_t *sums, const void *table, uint32_t count, int8_t *output);

/* The same where those constants do not do: any sums, slower. once multiplies by high * 2^32 + low, twice by high; its
 * low is 1 where halves go up. limits = zero point | lowest output << 8 | highest << 16, a byte each, | count << 24. */
typedef struct {
    int32_t bias;
    uint32_t high;
    uint32_t low;
    int32_t shift;
} zerotap_wide_scale_t;

void zerotap_round_sums_once(const int32_t *sums, const zerotap_wide_scale_t *scales, uint32_t limits, int8_t *output);
void zerotap_round_sums_twice(const int32_t *sums, const zerotap_wide_scale_t *scales, uint32_t limits, int8_t *output);

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

/* Rows of a table [rows][width]; an id outside of [0, rows) takes row 0. */
typedef struct {
    int32_t count;
    int32_t rows;
    int32_t width;
    const int8_t *table;
} zerotap_gather_t;

/* The row of an id, without a branch. */
static inline int32_t zerotap_row(int32_t id, int32_t rows)
{
    const int32_t below = (int32_t)((uint32_t)id - (uint32_t)rows);
    return id & ((below & ~id) >> 31);
}

void zerotap_gather(const int32_t *ids, const zerotap_gather_t *layer, int8_t *output);
/* table and output aligned to 4 bytes, width a multiple of 4. */
void zerotap_gather_words(const int32_t *ids, const zerotap_gather_t *layer, int8_t *output);

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

/* table[(uint8_t)q] is the output for the input q; input and output may be the same array. */
void zerotap_lookup(const int8_t *input, int32_t size, const int8_t *table, int8_t *output);

/* The same through one of several tables: places[channel] says which. */
typedef struct {
    int32_t positions, channels;
    const uint16_t *places;
    const int8_t *tables;
} zerotap_lookup_channels_t;

void zerotap_lookup_channels(const int8_t *input, const zerotap_lookup_channels_t *layer, int8_t *output);

/* exp[d] is exp of a logit d below the maximum, Q0.31, for d up to last; beyond it all are 0, as exp[last] is then. Scale
 * of the output 1/256, zero point -128. */
typedef struct {
    int32_t rows;
    int32_t depth;
    const int32_t *exp;
    int32_t last;
} zerotap_softmax_t;

/* input and output may be the same array. */
void zerotap_softmax(const int8_t *input, const zerotap_softmax_t *layer, int8_t *output);

/* 1 / sum for a sum > 0 in Q12.19: the result in Q0.31, times 2^-power. */
int32_t zerotap_reciprocal(int32_t sum, int32_t *power);

/* count blocks of size bytes in opposite order; input and output do not overlap. */
void zerotap_reverse(const int8_t *input, uint32_t count, uint32_t size, int8_t *output);

/* Steps from one element to the next: along the depth in both operands, and from column to column. */
typedef struct {
    int32_t columns, depth;
    int32_t first_depth, second_depth, second_column;
    int32_t first_zero_point, second_zero_point;
} zerotap_matrix_t;

void zerotap_matrix_sums(const int8_t *row, const int8_t *matrix, const zerotap_matrix_t *layer, int32_t *sums);

void zerotap_fold_sums(int32_t *sums, int32_t groups, int32_t count);

/* Two positions of an axis by their offsets in bytes, and how much of 1024 the second one counts. */
typedef struct {
    int32_t first, second, fraction;
} zerotap_mix_t;

typedef struct {
    const zerotap_mix_t *rows;
    int32_t row_count;
    const zerotap_mix_t *columns;
    int32_t column_count;
    int32_t channels;
} zerotap_resize_t;

void zerotap_resize_bilinear(const int8_t *input, const zerotap_resize_t *layer, int8_t *output);

/* Four loops that copy bytes; steps are added once the loop inside has gone through, the last ones after each byte. */
typedef struct {
    int32_t extents[4];
    int32_t source_steps[4];
    int32_t target_steps[4];
} zerotap_move_t;

void zerotap_move(const int8_t *source, const zerotap_move_t *move, int8_t *target);

/* Rows of bytes, behind each of which so many of source and target are passed over: count and bytes from 1. By words
 * where both are aligned to 4 bytes; they do not overlap. */
typedef struct {
    uint32_t count, bytes;
    int32_t source_gap, target_gap;
} zerotap_rows_t;

void zerotap_copy_rows(const int8_t *source, const zerotap_rows_t *rows, int8_t *target);

/* bytes of target, from 1, become value, in [-128, 127]. */
void zerotap_fill(int8_t *target, int32_t value, uint32_t bytes);

/* Runs of ``run`` bytes, from 1, at outer[i] + middle[j] + inner[k] of the source, one behind the other. */
typedef struct {
    const int32_t *outer;
    int32_t outer_count;
    const int32_t *middle;
    int32_t middle_count;
    const int32_t *inner;
    int32_t inner_count;
    int32_t run;
} zerotap_take_t;

void zerotap_take(const int8_t *source, const zerotap_take_t *take, int8_t *target);

/* words of 4 bytes move down by step bytes, the first ones first: rows kept one behind the other make room for a new
 * one. rows aligned to 4 bytes, step a multiple of 4, words from 1. */
void zerotap_slide(int8_t *rows, uint32_t step, uint32_t words);

/* output [outer][inner]: where the largest of input [outer][reduced][inner] lies, the first of equals. */
void zerotap_arg_max(const int8_t *input, int32_t outer, int32_t reduced, int32_t inner, int32_t *output);

#endif
