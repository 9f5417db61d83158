/* zerotap_lstm_cells_twice for anything but ARMv6-M: an LSTM's cells after one step, as TensorFlow Lite Micro rounds.
 *
 * Gates in Q0.15, cells in [min, max] inside of [-2^15, 2^15); integer_bits in [0, 4]. */
#include "zerotap_lstm.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
/* value / 2, halves up, then divided by 2^power, halves away from zero; value in [-2^30, 2^30], power from 1. */
static int32_t divided(int32_t value, int32_t power)
{
    const int32_t half = (value + 1) >> 1;
    return (half + (1 << (power - 1)) + (half >> 31)) >> power;
}

void zerotap_lstm_cells_twice(int16_t *gates, const zerotap_lstm_t *layer, int16_t *cells)
{
    const int32_t count = layer->cells, power = 14 + layer->integer_bits;
    const int16_t *const forget = &gates[count];
    int16_t *const last = &gates[3 * count];
    for (int32_t i = 0; i < count; i++) {
        const int32_t kept = divided(forget[i] * cells[i], 14);
        const int32_t sum = zerotap_larger(kept + divided(gates[i] * last[i], power), layer->min);
        last[i] = cells[i] = (int16_t)-zerotap_larger(-sum, -layer->max);
    }
}
#endif
