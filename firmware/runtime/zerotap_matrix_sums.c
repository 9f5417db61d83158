/* One row of a product of two matrices: sums of products of codes without their zero points.
 *
 * operands and zero points in [-128, 127]; columns and depth from 1; 65025 * depth fits int32. The same time for all
 * inputs. */
#include "zerotap_runtime.h"

void zerotap_matrix_sums(const int8_t *row, const int8_t *matrix, const zerotap_matrix_t *layer, int32_t *sums)
{
    const int32_t zero_1 = layer->first_zero_point, zero_2 = layer->second_zero_point;
    const int32_t step_1 = layer->first_depth, step_2 = layer->second_depth;
    for (const int32_t *end = sums + layer->columns; sums != end; sums++) {
        const int8_t *first = row, *second = matrix;
        int32_t sum = 0;
        for (int32_t left = layer->depth; left != 0; left--) {
            sum += (*first - zero_1) * (*second - zero_2);
            first += step_1;
            second += step_2;
        }
        *sums = sum;
        matrix += layer->second_column;
    }
}
