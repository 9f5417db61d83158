/* zerotap_scale_dot_128_whole for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_scale_dot_128_whole(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape)
{
    zerotap_scale_dot_plain(input, table, output, shape, 0);
}
#endif
