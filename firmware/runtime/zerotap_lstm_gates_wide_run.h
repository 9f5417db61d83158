/* The body of zerotap_lstm_gates_wide and its form _each, which define FUNCTION and STATE(part) before they include it:
 * what is added of the state's part, as it is or saturated.
 *
 * sums + bias as zerotap_requantise takes them, their results in [-2^30, 2^30]; gates in [-2^15, 2^15). */
#include "zerotap_lstm.h"

/* May lie where the sums do. */
typedef int16_t __attribute__((may_alias)) gate_t;

static int32_t saturated(int32_t value)
{
    const int32_t raised = zerotap_larger(value, -32768);
    return -zerotap_larger(-raised, -32767);
}

void FUNCTION(const int32_t *sums, const zerotap_lstm_gates_t *layer, int16_t *gates)
{
    gate_t *target = gates;
    const int32_t *bias = layer->bias;
    const int32_t other = 4 * layer->cells;
    for (int32_t group = 0; group < 4; group++) {
        const zerotap_lstm_scale_t *scale = layer->scales[group];
        for (int32_t i = 0; i < layer->cells; i++) {
            const int32_t input = zerotap_requantise(sums[0] + bias[0], scale[0].multiplier, -scale[0].right);
            const int32_t state =
                zerotap_requantise(sums[other] + bias[other], scale[1].multiplier, -scale[1].right);
            *target++ = (int16_t)saturated(saturated(input) + STATE(state));
            sums++;
            bias++;
        }
    }
}
