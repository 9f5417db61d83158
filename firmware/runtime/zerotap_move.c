/* Bytes from steps to steps: CONCATENATION, PAD, STRIDED_SLICE, TRANSPOSE.
 *
 * extents from 1; a step is added once the loop inside it has gone through. source and target must not overlap. */
#include "zerotap_runtime.h"

void zerotap_move(const int8_t *source, const zerotap_move_t *move, int8_t *target)
{
    const int32_t source_step = move->source_steps[3], target_step = move->target_steps[3];
    for (int32_t i = move->extents[0]; i != 0; i--) {
        for (int32_t j = move->extents[1]; j != 0; j--) {
            for (int32_t k = move->extents[2]; k != 0; k--) {
                for (int32_t l = move->extents[3]; l != 0; l--) {
                    *target = *source;
                    source += source_step;
                    target += target_step;
                }
                source += move->source_steps[2];
                target += move->target_steps[2];
            }
            source += move->source_steps[1];
            target += move->target_steps[1];
        }
        source += move->source_steps[0];
        target += move->target_steps[0];
    }
}
