/* zerotap_add_elements for anything but ARMv6-M. */
#include "zerotap_pairs.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_add_elements(const int8_t *first, const int8_t *second, const zerotap_add_elements_t *layer, int8_t *output)
{
    for (int32_t i = 0; i < layer->count; i++) {
        const int32_t sum = layer->first * first[i] + layer->second * second[i] + layer->offset;
        const int32_t above = sum >> layer->shift;
        const int32_t positive = above & ~zerotap_negative(above);
        const int32_t excess = layer->span - positive;
        output[i] = (int8_t)(positive + (excess & zerotap_negative(excess)) + layer->low);
    }
}
#endif
