/* What convolutions in straight line need beside their own functions: two positions' inputs in one word, and the plain C
 * that stands for such a function where there is no ARMv6-M. */
#ifndef ZEROTAP_STRAIGHT_H
#define ZEROTAP_STRAIGHT_H

#include "zerotap_runtime.h"

/* packed[i] = first[i] + second[i] * 2^16, mod 2^32: inputs in [-128, 127] at two positions. count from 1. Any alignment;
 * eight at a time where both are aligned to 4 bytes. */
void zerotap_pack_pairs(const int8_t *first, const int8_t *second, int32_t *packed, uint32_t count);

/* The same of blocks of inputs that lie apart, their words one behind the other. shape: gap << 20 | blocks << 8 | fours:
 * so many bytes (a multiple of 4) from a block's end to the next one, blocks from 1, four inputs each from 1 to 255. Both
 * inputs aligned to 4 bytes. */
void zerotap_pack_blocks(const int8_t *first, const int8_t *second, int32_t *packed, uint32_t shape);

/* sums[0] and sums[1]: the sums of weights[i] * input over the lower and the upper inputs of packed. */
void zerotap_pair_sums(const int32_t *packed, const int8_t *weights, uint32_t inputs, int32_t *sums);

/* One sum to int8, as zerotap_scale_sums and its other forms do; step is 0 where those have none. */
int8_t zerotap_scaled_byte(int32_t sum, const zerotap_scale_t *scale, uint32_t bits, uint32_t step, int32_t middle);

#endif
