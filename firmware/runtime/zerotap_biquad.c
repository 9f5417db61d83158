/* One sample through a section of second order (direct form I), what the shift cuts off carried over to the next.
 *
 * Samples, results and coefficients int16; five products below 2^30, two of them shifted by up to 15: the sum stays
 * below 2^48. */
#include "zerotap_filter.h"

int16_t zerotap_biquad(int16_t sample, const zerotap_biquad_t *biquad, zerotap_biquad_state_t *state)
{
    const int32_t shift = 14 + biquad->k;
    int64_t sum = -((int64_t)(biquad->a1 * state->y1) + biquad->a2 * state->y2) * ((int32_t)1 << biquad->k);
    sum += biquad->b0 * sample;
    sum += biquad->b1 * state->x1;
    sum += biquad->b2 * state->x2;
    sum += state->rest;
    int64_t result = sum >> shift;
    state->rest = (int32_t)((uint32_t)sum & (((uint32_t)1 << shift) - 1));
    if (result != (int16_t)result) {
        result = result < 0 ? -32768 : 32767;
        state->rest = 0;
    }
    state->x2 = state->x1;
    state->x1 = sample;
    state->y2 = state->y1;
    state->y1 = (int16_t)result;
    return (int16_t)result;
}
