/* The model of the empty program: what a real one occupies beyond it is what that model adds. */
#include <stdint.h>

#ifdef INPUT_IS_STREAM
void model_reset(void);

void model_reset(void)
{
}
#endif

void model_invoke(const INPUT_TYPE *input, OUTPUT_TYPE *output)
{
    (void)input;
    (void)output;
}
