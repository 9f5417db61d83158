/* value any; min <= max, both in [-128, 127]. Takes the same time for every value. */
#include "zerotap_runtime.h"

/* -1 where a < b, else 0: the sign of a - b, or a's own where the difference leaves int32. */
static int32_t less(int32_t a, int32_t b)
{
    const uint32_t left = (uint32_t)a, right = (uint32_t)b;
    const uint32_t difference = left - right;
    return zerotap_mask((int32_t)(difference ^ ((left ^ right) & (difference ^ left))) >> 31);
}

int8_t zerotap_clamp(int32_t value, int32_t min, int32_t max)
{
    const int32_t raised = value ^ ((value ^ min) & less(value, min));
    return (int8_t)(raised ^ ((raised ^ max) & less(max, raised)));
}
