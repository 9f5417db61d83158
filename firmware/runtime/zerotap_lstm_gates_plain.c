/* An LSTM's gates in plain C: what zerotap_lstm_gates and its saturated form compute.
 *
 * |sum + bias| < 2^20, right in [1, 20], multiplier in [2^30, 2^31), as zerotap_runtime.h says; gates in [-2^15, 2^15). */
#include "zerotap_lstm.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
/* May lie where the sums do. */
typedef int16_t __attribute__((may_alias)) gate_t;

static int32_t scaled(int32_t sum, zerotap_lstm_scale_t scale)
{
    const int32_t high = (int32_t)(((int64_t)sum * scale.multiplier + (1 << 30)) >> 31);
    return (high + (1 << (scale.right - 1)) + (high >> 31)) >> scale.right;
}

static int32_t saturated(int32_t value)
{
    return value < -32768 ? -32768 : value > 32767 ? 32767 : value;
}

void zerotap_lstm_gates_plain(const int32_t *sums, const zerotap_lstm_gates_t *layer, int16_t *gates)
{
    gate_t *target = gates;
    const int32_t *bias = layer->bias;
    const int32_t other = 4 * layer->cells;
    for (int32_t group = 0; group < 4; group++) {
        const zerotap_lstm_scale_t *scale = layer->scales[group];
        for (int32_t i = 0; i < layer->cells; i++) {
            const int32_t input = saturated(scaled(sums[0] + bias[0], scale[0]));
            *target++ = (int16_t)saturated(input + scaled(sums[other] + bias[other], scale[1]));
            sums++;
            bias++;
        }
    }
}
#endif
