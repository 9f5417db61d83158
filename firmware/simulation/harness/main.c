/* One inference. INPUT_TYPE, INPUT_SIZE, OUTPUT_TYPE and OUTPUT_SIZE are defined on the compiler's command line,
 * and INPUT_IS_STREAM of a model that has NAME_reset.
 * Of a model with several inputs or outputs both are structures of whole words: here they are int32_t[]. */
#include <stdint.h>

void model_invoke(const INPUT_TYPE *input, OUTPUT_TYPE *output);
#ifdef INPUT_IS_STREAM
void model_reset(void);
#endif

/* Aligned whatever the compiler and its options choose: kernels read the input by words where they can. */
INPUT_TYPE harness_input[INPUT_SIZE] __attribute__((aligned(4)));
OUTPUT_TYPE harness_output[OUTPUT_SIZE];

int main(void)
{
#ifdef INPUT_IS_STREAM
    model_reset();
#endif
    model_invoke(harness_input, harness_output);
    return 0;
}
