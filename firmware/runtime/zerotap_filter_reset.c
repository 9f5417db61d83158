/* Begins a recording: no samples yet, and half a unit as the rest, so that the first result is rounded. */
#include "zerotap_filter.h"

void zerotap_filter_reset(const zerotap_filter_t *layer)
{
    zerotap_biquad_state_t *state = layer->states;
    for (int32_t channel = 0; channel < layer->channels; channel++) {
        for (int32_t section = 0; section < layer->sections; section++) {
            const zerotap_biquad_state_t rest = {0, 0, 0, 0, (int32_t)1 << (13 + layer->biquads[section].k)};
            *state++ = rest;
        }
    }
}
