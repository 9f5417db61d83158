/* zerotap_depthwise_words for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_depthwise_words(const int8_t *input, const int8_t *weights, int32_t *sums, uint32_t shape)
{
    zerotap_depthwise_sums(input, weights, sums, shape);
}
#endif
