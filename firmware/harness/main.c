/* One inference. INPUT_TYPE, INPUT_SIZE and OUTPUT_SIZE are defined on the compiler's command line. */
#include <stdint.h>

void model_invoke(const INPUT_TYPE *input, int8_t *output);

INPUT_TYPE harness_input[INPUT_SIZE];
int8_t harness_output[OUTPUT_SIZE];

int main(void)
{
    model_invoke(harness_input, harness_output);
    return 0;
}
