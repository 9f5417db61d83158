/* zerotap_sums_dot_64 for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_sums_dot_64(const int8_t *input, const int32_t *weights, int32_t *sums, uint32_t shape)
{
    zerotap_sums_dot_plain(input, weights, sums, shape);
}
#endif
