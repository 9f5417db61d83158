/* zerotap_lstm_interpolated for anything but ARMv6-M: gates' functions from one table, as TensorFlow Lite Micro has them.
 *
 * values any int16; curve in [0, 5]. */
#include "zerotap_lstm.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
/* The logistic function of i / 24 in Q0.16, and one more for the last step. */
static const uint16_t table[257] = {
    32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794, 41432,
    42064, 42688, 43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443, 48964, 49475,
    49975, 50464, 50942, 51409, 51865, 52311, 52745, 53169, 53581, 53983, 54374, 54755, 55125, 55485,
    55834, 56174, 56503, 56823, 57133, 57433, 57724, 58007, 58280, 58544, 58800, 59048, 59288, 59519,
    59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110, 61279, 61441, 61599, 61750, 61896, 62036,
    62172, 62302, 62428, 62549, 62666, 62778, 62886, 62990, 63090, 63186, 63279, 63368, 63454, 63536,
    63615, 63691, 63765, 63835, 63903, 63968, 64030, 64090, 64148, 64204, 64257, 64308, 64357, 64405,
    64450, 64494, 64536, 64576, 64614, 64652, 64687, 64721, 64754, 64786, 64816, 64845, 64873, 64900,
    64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079, 65097, 65115, 65132, 65149, 65164, 65179,
    65194, 65208, 65221, 65234, 65246, 65258, 65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337,
    65345, 65352, 65360, 65367, 65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425,
    65429, 65433, 65438, 65442, 65445, 65449, 65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474,
    65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491, 65493, 65495, 65497, 65498, 65500, 65501,
    65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513, 65514, 65515, 65516, 65517,
    65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524, 65525, 65525,
    65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529, 65529, 65530, 65530,
    65530, 65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532, 65532, 65532, 65532, 65533,
    65533, 65533, 65533, 65533, 65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534,
    65534, 65534, 65534, 65535, 65535,
};

/* Between two entries, 2^bits of it, for a magnitude in steps of 2^-bits up to 255. */
static int32_t between(int32_t magnitude, uint32_t bits)
{
    const int32_t first = magnitude >> bits;
    const int32_t below = table[first], above = table[first + 1];
    return below * (1 << bits) + (magnitude & ((1 << bits) - 1)) * (above - below);
}

/* Of value in Q3.12. */
static int32_t logistic(int32_t value)
{
    const int32_t steps = 3 * value, sign = steps >> 31;
    const int32_t result = between((steps ^ sign) - sign, 9);
    return ((result ^ sign) + (sign & (1 << 25)) + (1 << 9)) >> 10;
}

/* Of value with curve - 1 integer bits. */
static int32_t tanh_of(int32_t value, uint32_t curve)
{
    const uint32_t left = curve > 4 ? curve - 4 : 0, right = curve < 4 ? 4 - curve : 0;
    const int32_t steps = (3 * value * (1 << left) + ((1 << right) >> 1)) >> right, sign = steps >> 31;
    const int32_t magnitude = -zerotap_larger(-((steps ^ sign) - sign), -(255 << 8));
    return (((between(magnitude, 8) - (1 << 23)) ^ sign) + (1 << 7)) >> 8;
}

void zerotap_lstm_interpolated(int16_t *values, uint32_t count, uint32_t curve)
{
    for (uint32_t i = 0; i < count; i++) {
        values[i] = (int16_t)(curve == 0 ? logistic(values[i]) : tanh_of(values[i], curve));
    }
}
#endif
