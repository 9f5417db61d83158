/* zerotap_lstm_state for anything but ARMv6-M: an LSTM's state after one step: the output gate times tanh(cell), to int8.
 *
 * gates in Q0.15, right in [1, 31], multiplier in [2^30, 2^31), zero points in [-128, 127]. */
#include "zerotap_lstm.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_lstm_state(const int16_t *gates, const zerotap_lstm_t *layer, int8_t *state, int8_t *output)
{
    const int32_t count = layer->cells, right = layer->right;
    const int16_t *const shown = &gates[2 * count], *const last = &gates[3 * count];
    for (int32_t i = 0; i < count; i++) {
        const int32_t product = zerotap_high_product(shown[i] * last[i], layer->multiplier);
        const int32_t scaled = (product + (int32_t)(1u << (right - 1)) + (product >> 31)) >> right;
        const int32_t value = zerotap_larger(scaled + layer->hidden_zero_point, -128);
        state[i] = output[i] = (int8_t)-zerotap_larger(-value, -127);
    }
}
#endif
