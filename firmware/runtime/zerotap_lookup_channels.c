/* One element at a time through the table of its channel, where constants differ from channel to channel.
 *
 * input, tables and output in [-128, 127]; places of [channels] are numbers of tables, each of 256: table[q] for q from 0 to
 * 127, then for q from -128 to -1. input and output may be the same. */
#include "zerotap_runtime.h"

void zerotap_lookup_channels(const int8_t *input, const zerotap_lookup_channels_t *layer, int8_t *output)
{
    for (int32_t position = 0; position < layer->positions; position++) {
        for (int32_t channel = 0; channel < layer->channels; channel++) {
            output[channel] = layer->tables[(uint32_t)layer->places[channel] << 8 | (uint8_t)input[channel]];
        }
        input += layer->channels;
        output += layer->channels;
    }
}
