/* Sums of neighbouring sums, in place: MEAN over axes that are no neighbours.
 *
 * groups and count from 1; no sum of count sums leaves int32. The same time for all inputs. */
#include "zerotap_runtime.h"

void zerotap_fold_sums(int32_t *sums, int32_t groups, int32_t count)
{
    const int32_t *next = sums;
    for (const int32_t *end = sums + groups; sums != end; sums++) {
        int32_t sum = 0;
        for (int32_t left = count; left != 0; left--) {
            sum += *next++;
        }
        *sums = sum;
    }
}
