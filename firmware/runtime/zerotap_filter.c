/* Samples of several channels through a cascade of sections.
 *
 * input and output [rows][channels] in [-2^15, 2^15). */
#include "zerotap_filter.h"

int32_t zerotap_filter(const int16_t *input, const zerotap_filter_t *layer, int16_t *output)
{
    for (int32_t row = 0; row < layer->rows; row++) {
        zerotap_biquad_state_t *state = layer->states;
        for (int32_t channel = 0; channel < layer->channels; channel++) {
            int16_t value = *input++;
            for (int32_t section = 0; section < layer->sections; section++) {
                value = zerotap_biquad(value, &layer->biquads[section], state++);
            }
            *output++ = value;
        }
    }
    return 1;
}
