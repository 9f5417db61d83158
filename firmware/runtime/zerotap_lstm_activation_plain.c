/* Gates' functions in plain C, gemmlowp's fixed point on int16: what zerotap_lstm_activation and its small form compute.
 *
 * values any int16; curve in [0, 5]. */
#include "zerotap_lstm.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
/* Rounding high product; a and b in (-2^15, 2^15]. */
static int32_t product(int32_t a, int32_t b)
{
    return (a * b + (1 << 14)) >> 15;
}

/* exp(-a) in Q0.15, [0, 32767], of a = (scaled >> bits) + 1 with bits integer bits. */
static int32_t exponential(int32_t scaled, uint32_t bits)
{
    /* exp(-2^-2) to exp(-2^4). */
    static const int16_t powers[7] = {25520, 19875, 12055, 4435, 600, 11, 0};
    /* The last quarter by its Taylor series around -1/8. */
    const int32_t x = 4096 - (scaled & 0x1FFF) - (1 << bits);
    const int32_t x2 = product(x, x);
    const int32_t x3 = product(x2, x);
    const int32_t x4_over_4 = (product(x2, x2) + 2) >> 2;
    const int32_t tail = (product(x4_over_4 + x3, 10923) + x2 + 1) >> 1;
    int32_t result = 28918 + product(x + tail, 28918);
    for (uint32_t i = 0; i < 7; i++) {
        const int32_t unless = ((scaled >> (13 + i)) & 1) - 1;
        result = product(result, powers[i] + (unless & (32768 - powers[i])));
    }
    return result;
}

/* 2 / (1 + a) in Q2.13, [8190, 16384], for a in Q0.15 by three steps of Newton's method. */
static int32_t reciprocal(int32_t a)
{
    const int32_t half = (a + 32768) >> 1;
    int32_t x = 23130 + product(half, -15420);
    for (int32_t i = 0; i < 3; i++) {
        x += product(x, 8192 - product(half, x)) * 4;
    }
    return x;
}

void zerotap_lstm_activation_plain(int16_t *values, uint32_t count, uint32_t curve)
{
    const uint32_t bits = curve == 0 ? 3 : curve;
    for (uint32_t i = 0; i < count; i++) {
        const int32_t sign = values[i] >> 15;
        const int32_t magnitude = (values[i] ^ sign) - sign;
        const int32_t zero = (magnitude - 1) >> 31;
        const int32_t scaled = ((magnitude - 1) & ~zero) * (1 << bits);
        /* Of 0 the result is exact: a half, or 0. */
        const int32_t x = (reciprocal(exponential(scaled, bits)) & ~zero) | (8192 & zero);
        const int32_t saturated = x >> 14;
        if (curve == 0) {
            values[i] = (int16_t)(((2 * x - saturated) ^ sign) + (sign & 32768));
        } else {
            values[i] = (int16_t)(((4 * x - 32768 - saturated) ^ sign) - sign);
        }
    }
}
#endif
