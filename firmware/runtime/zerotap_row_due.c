/* Which stream of a layer's has a row with this item. */
#include "zerotap_stream.h"

int32_t zerotap_row_due(const zerotap_pace_t *pace, zerotap_paced_t *state)
{
    int32_t due = -1;
    if (--state->until == 0) {
        zerotap_track_t *track = &state->tracks[state->next];
        track->wait = 1;
        track->left = pace->rows;
        state->until = pace->hop;
        state->next = state->next + 1 == pace->streams ? 0 : (uint16_t)(state->next + 1);
    }
    for (int32_t stream = 0; stream < pace->streams; stream++) {
        zerotap_track_t *track = &state->tracks[stream];
        if (track->left > 0 && --track->wait == 0) {
            track->wait = pace->step;
            track->left--;
            due = stream;
        }
    }
    return due;
}
