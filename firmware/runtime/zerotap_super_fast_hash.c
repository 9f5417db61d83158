/* Paul Hsieh's SuperFastHash, http://www.azillionmonkeys.com/qed/hash.html, written from its steps.
 *
 * data [length] of any values and alignment; the last byte of a remainder of 1 or 3 is signed. The original begins
 * with the length; 0 for length 0 then. */
#include "zerotap_text.h"

static uint32_t pair(const uint8_t *data)
{
    return (uint32_t)data[0] | (uint32_t)data[1] << 8;
}

static uint32_t mix_remainder(uint32_t hash, const uint8_t *data, uint32_t rest)
{
    if (rest == 3) {
        hash += pair(data);
        hash ^= hash << 16;
        hash ^= (uint32_t)(int8_t)data[2] << 18;
        return hash + (hash >> 11);
    }
    if (rest == 2) {
        hash += pair(data);
        hash ^= hash << 11;
        return hash + (hash >> 17);
    }
    hash += (uint32_t)(int8_t)data[0];
    hash ^= hash << 10;
    return hash + (hash >> 1);
}

uint32_t zerotap_super_fast_hash(const uint8_t *data, uint32_t length, uint32_t begin)
{
    uint32_t hash = begin;
    for (uint32_t fours = length >> 2; fours > 0; fours--) {
        hash += pair(data);
        hash = (hash << 16) ^ (pair(data + 2) << 11) ^ hash;
        hash += hash >> 11;
        data += 4;
    }
    if (length & 3) {
        hash = mix_remainder(hash, data, length & 3);
    }
    hash ^= hash << 3;
    hash += hash >> 5;
    hash ^= hash << 4;
    hash += hash >> 17;
    hash ^= hash << 25;
    hash += hash >> 6;
    return hash;
}
