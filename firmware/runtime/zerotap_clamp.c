/* value any; min <= max, both in [-128, 127]. */
#include "zerotap_runtime.h"

int8_t zerotap_clamp(int32_t value, int32_t min, int32_t max)
{
    if (value < min) {
        return (int8_t)min;
    }
    return (int8_t)(value > max ? max : value);
}
