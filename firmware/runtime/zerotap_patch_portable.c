/* zerotap_patch for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_patch(const int8_t *input, const zerotap_patch_t *patch, int32_t top, int32_t left, int8_t *copy)
{
    for (int32_t i = 0; i < patch->kernel_height; i++) {
        const int32_t row = top + i * patch->dilation_height;
        for (int32_t j = 0; j < patch->kernel_width; j++) {
            const int32_t column = left + j * patch->dilation_width;
            const int32_t inside =
                (uint32_t)row < (uint32_t)patch->input_height && (uint32_t)column < (uint32_t)patch->input_width;
            const int8_t *from = inside ? input + (row * patch->input_width + column) * patch->channels : &patch->fill;
            for (int32_t channel = 0; channel < patch->channels; channel++) {
                for (int32_t copies = patch->repeat; copies > 0; copies--) {
                    *copy++ = *from;
                }
                from += inside;
            }
        }
    }
}
#endif
