/* An LSTM's states before its first step. */
#include "zerotap_lstm.h"

void zerotap_lstm_start(const zerotap_lstm_t *layer, int16_t *cells, int8_t *state)
{
    for (int32_t i = 0; i < layer->cells; i++) {
        cells[i] = 0;
        state[i] = (int8_t)layer->state_zero_point;
    }
}
