/* The integer LSTM: gates, cells and state of one step. */
#ifndef ZEROTAP_LSTM_H
#define ZEROTAP_LSTM_H

#include "zerotap_runtime.h"

/* The integer LSTM; gates are int16 in four groups of cells each: input, forget, output, cell. */

/* In place, gemmlowp's fixed point to Q0.15: curve 0 is the logistic function of values in Q3.12, curve 1 to 5 tanh of
 * values with curve - 1 integer bits. count from 1. The second form is smaller, the first has a table of 2 KB. */
void zerotap_lstm_activation(int16_t *values, uint32_t count, uint32_t curve);
void zerotap_lstm_activation_small(int16_t *values, uint32_t count, uint32_t curve);
void zerotap_lstm_activation_plain(int16_t *values, uint32_t count, uint32_t curve);
/* The same from a table of 514 B, between whose entries are lines: TensorFlow Lite Micro's results. */
void zerotap_lstm_interpolated(int16_t *values, uint32_t count, uint32_t curve);

/* The same from tables that the exporter makes of all magnitudes that a layer's values can have. With x = 2 / (1 + exp(-a)) in
 * Q2.13, the logistic function is 2 * x, or 2^15 - 1 less it where the value is negative; tanh is 4 * x - 2^15 (one less for
 * 2^15), or its negative. x is begins[magnitude >> 8] + steps[magnitude]; that of tanh, less 2^13 and nowhere 2^14, is
 * begins[magnitude >> 7] + steps[magnitude]. */
void zerotap_lstm_logistic_bytes(int16_t *values, uint32_t count, const uint8_t *steps, const uint16_t *begins);
void zerotap_lstm_tanh_bytes(int16_t *values, uint32_t count, const uint8_t *steps, const int16_t *begins);

/* Half of that flash, for any magnitudes: x = ((begin + slope * magnitude) >> 16) + step of 256 magnitudes a line and two steps a byte, the
 * later one above. */
typedef struct {
    int32_t begin;
    int32_t slope;
} zerotap_lstm_line_t;

void zerotap_lstm_logistic_nibbles(int16_t *values, uint32_t count, const uint8_t *steps,
                                   const zerotap_lstm_line_t *lines);
void zerotap_lstm_tanh_nibbles(int16_t *values, uint32_t count, const uint8_t *steps, const zerotap_lstm_line_t *lines);

/* A sum plus its bias, times multiplier * 2^(-31 - right), is a gate in Q3.12. */
typedef struct {
    int32_t multiplier;
    int32_t right;
} zerotap_lstm_scale_t;

/* bias [2][4][cells], of the input's and the state's sums; both scales of each group. */
typedef struct {
    int32_t cells;
    const int32_t *bias;
    zerotap_lstm_scale_t scales[4][2];
} zerotap_lstm_gates_t;

/* gate = (sum + bias) * scale of the input, plus the same of the state, each time saturated; sums [2][4][cells]. gates
 * may begin where sums does. zerotap_lstm_gates for |sum + bias| < 2^20 and right in [1, 20], both so small
 * that (|sum + bias| * multiplier >> 20) + 2^10 + 2^(10 + right) < 2^31, where no gate can leave int16 (_pairs is faster and larger); _saturated without
 * the latter; _wide for all that zerotap_requantise takes. The forms _each saturate the state's part by itself, too,
 * as TensorFlow Lite Micro does. */
void zerotap_lstm_gates(const int32_t *sums, const zerotap_lstm_gates_t *layer, int16_t *gates);
void zerotap_lstm_gates_pairs(const int32_t *sums, const zerotap_lstm_gates_t *layer, int16_t *gates);
void zerotap_lstm_gates_saturated(const int32_t *sums, const zerotap_lstm_gates_t *layer, int16_t *gates);
void zerotap_lstm_gates_plain(const int32_t *sums, const zerotap_lstm_gates_t *layer, int16_t *gates);
void zerotap_lstm_gates_wide(const int32_t *sums, const zerotap_lstm_gates_t *layer, int16_t *gates);
void zerotap_lstm_gates_each(const int32_t *sums, const zerotap_lstm_gates_t *layer, int16_t *gates);
void zerotap_lstm_gates_wide_each(const int32_t *sums, const zerotap_lstm_gates_t *layer, int16_t *gates);

/* Cells have integer_bits integer bits and stay within [min, max]; a hidden value is output gate * tanh(cell) *
 * multiplier * 2^(-31 - right), plus its zero point; right in [1, 31]. */
typedef struct {
    int32_t cells;
    int32_t integer_bits;
    int32_t min;
    int32_t max;
    int32_t multiplier;
    int32_t right;
    int32_t hidden_zero_point;
    int32_t state_zero_point;
} zerotap_lstm_t;

/* Before the first step: cells 0, the state its zero point. */
void zerotap_lstm_start(const zerotap_lstm_t *layer, int16_t *cells, int8_t *state);
/* cells = forget * cells + input * cell gate; the last group of gates becomes the cells. The second form rounds both
 * products twice, as TensorFlow Lite Micro does. */
void zerotap_lstm_cells(int16_t *gates, const zerotap_lstm_t *layer, int16_t *cells);
void zerotap_lstm_cells_twice(int16_t *gates, const zerotap_lstm_t *layer, int16_t *cells);
/* state and output = output gate * last group. */
void zerotap_lstm_state(const int16_t *gates, const zerotap_lstm_t *layer, int8_t *state, int8_t *output);

#endif
