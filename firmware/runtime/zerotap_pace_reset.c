/* The begin of a recording: no row is there yet, nor any that fills a window up. */
#include "zerotap_stream.h"

void zerotap_pace_reset(const zerotap_pace_t *pace, zerotap_paced_t *state)
{
    state->until = pace->first;
    state->next = 0;
    for (int32_t stream = 0; stream < pace->streams; stream++) {
        state->tracks[stream].left = 0;
        state->tracks[stream].same = 0;
    }
}
