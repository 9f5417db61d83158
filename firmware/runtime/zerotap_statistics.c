/* Statistics of each channel of a window.
 *
 * Ranges: samples int16, length in [2, 2048]: |sum| <= 2^26, squares <= 2^41, length * squares <= 2^52, spread and
 * the root of 256 * length * squares below 2^31. */
#include "zerotap_statistics.h"

typedef const zerotap_statistics_t layer_t;

static const int16_t *samples_of(layer_t *layer, int32_t channel)
{
    return layer->samples + channel * layer->length;
}

static zerotap_moments_t moments_of(layer_t *layer, const int16_t *samples)
{
    zerotap_moments_t moments = {0, 0, 0, samples[0], samples[0]};
    moments.sum = zerotap_sum(samples, layer->length);
    moments.squares = zerotap_sum_products(samples, samples, layer->length);
    if (layer->with_spread) {
        const int64_t variance = layer->length * moments.squares - (int64_t)moments.sum * moments.sum;
        moments.spread = zerotap_square_root((uint64_t)variance << 8);
    }
    for (int32_t i = 1; i < layer->length; i++) {
        const int16_t value = samples[i];
        moments.low = value < moments.low ? value : moments.low;
        moments.high = value > moments.high ? value : moments.high;
    }
    return moments;
}

static int32_t per_sample(layer_t *layer, int32_t value)
{
    const int64_t half = (int64_t)1 << (layer->shift - 1);
    return (int32_t)(((int64_t)value * layer->multiplier + half) >> layer->shift);
}

static int32_t of_channel(layer_t *layer, int32_t statistic, int32_t channel)
{
    const int16_t *samples = samples_of(layer, channel);
    const zerotap_moments_t *moments = &layer->moments[channel];
    switch (statistic) {
    case ZEROTAP_MEAN:
        return per_sample(layer, moments->sum * 16);
    case ZEROTAP_DEVIATION:
        return per_sample(layer, (int32_t)moments->spread);
    case ZEROTAP_MIN:
        return moments->low;
    case ZEROTAP_MAX:
        return moments->high;
    case ZEROTAP_RANGE:
        return moments->high - moments->low;
    case ZEROTAP_RMS:
        return per_sample(layer, (int32_t)zerotap_square_root((uint64_t)(layer->length * moments->squares) << 8));
    case ZEROTAP_ZERO_CROSSINGS:
        return zerotap_crossings(samples, layer->length, 1, 0);
    case ZEROTAP_MEAN_CROSSINGS:
        return zerotap_crossings(samples, layer->length, layer->length, moments->sum);
    case ZEROTAP_ENERGY:
        return (int32_t)(moments->squares >> layer->energy_shift);
    case ZEROTAP_MEAN_ABSOLUTE_DIFFERENCE:
        return per_sample(layer, zerotap_sum_differences(samples, layer->length) * 16);
    default:
        return zerotap_interquartile(samples, layer->length, moments->low, moments->high);
    }
}

static int32_t correlation(layer_t *layer, int32_t first, int32_t second)
{
    const zerotap_moments_t *a = &layer->moments[first], *b = &layer->moments[second];
    const int64_t products =
        zerotap_sum_products(samples_of(layer, first), samples_of(layer, second), layer->length);
    const int64_t covariance = layer->length * products - (int64_t)a->sum * b->sum;
    const uint64_t magnitude = (uint64_t)(covariance < 0 ? -covariance : covariance);
    const int32_t ratio = zerotap_ratio(magnitude << 8, (uint64_t)a->spread * b->spread);
    return covariance < 0 ? -ratio : ratio;
}

static int32_t *correlations(layer_t *layer, int32_t *output)
{
    for (int32_t first = 0; first < layer->channels; first++) {
        for (int32_t second = first + 1; second < layer->channels; second++) {
            *output++ = correlation(layer, first, second);
        }
    }
    return output;
}

int32_t zerotap_statistics(const void *window, const zerotap_statistics_t *layer, int32_t *output)
{
    zerotap_channels(window, layer->kind, layer->length, layer->channels, layer->samples);
    for (int32_t channel = 0; channel < layer->channels; channel++) {
        layer->moments[channel] = moments_of(layer, samples_of(layer, channel));
    }
    for (int32_t i = 0; i < layer->count; i++) {
        if (layer->statistics[i] == ZEROTAP_CORRELATION) {
            output = correlations(layer, output);
            continue;
        }
        for (int32_t channel = 0; channel < layer->channels; channel++) {
            *output++ = of_channel(layer, layer->statistics[i], channel);
        }
    }
    return 1;
}
