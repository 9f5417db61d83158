/* As empty.c, of a model that adds ids. */
#include <stdint.h>

void model_clear(void);
void model_add(const int32_t *ids, int32_t count);
void model_scores(int32_t *output);

void model_clear(void)
{
}

void model_add(const int32_t *ids, int32_t count)
{
    (void)ids;
    (void)count;
}

void model_scores(int32_t *output)
{
    (void)output;
}
