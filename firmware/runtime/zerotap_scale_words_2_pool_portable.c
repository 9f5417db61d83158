/* zerotap_scale_words_2_pool for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_scale_words_2_pool(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words)
{
    zerotap_scale_words_plain(input, table, output, shape, words);
}
#endif
