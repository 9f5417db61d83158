/* One text of a model that adds ids. INPUT_SIZE and OUTPUT_SIZE are defined on the compiler's command line. */
#include <stdint.h>

void model_clear(void);
void model_add(const int32_t *ids, int32_t count);
void model_scores(int32_t *output);

int32_t harness_input[INPUT_SIZE];
int32_t harness_output[OUTPUT_SIZE];

int main(void)
{
    model_clear();
    model_add(harness_input, 0);
    model_scores(harness_output);
    return 0;
}
