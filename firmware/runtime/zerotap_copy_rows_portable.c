/* zerotap_copy_rows for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_copy_rows(const int8_t *source, const zerotap_rows_t *rows, int8_t *target)
{
    for (uint32_t row = 0; row < rows->count; row++) {
        for (uint32_t i = 0; i < rows->bytes; i++) {
            *target++ = *source++;
        }
        source += rows->source_gap;
        target += rows->target_gap;
    }
}
#endif
