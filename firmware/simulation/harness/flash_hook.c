/* Counts what the board waits for its flash while Unicorn runs: called for every instruction and for every read of
 * flash. The structures are mirrored in flash_hook.py, which does the same in Python.
 *
 * The cache is direct-mapped. Beside the board's own there is a second one, which reads at addresses that depend on
 * the input do not enter: each of those costs at most its own line and the one that it puts out, so that twice their
 * number and the second cache's waits bound the waits of every input. */
#include <stdint.h>

#define LINES_MAX 64
#define NOTHING 0xffffffffu /* no line, no place */

typedef struct {
    uint64_t history; /* of all addresses that one instruction read, in their order */
    uint32_t count;
    uint32_t depends; /* 1: its addresses depend on the input */
} reader;

typedef struct {
    uint64_t misses;
    uint64_t steady_misses; /* of the second cache */
    uint64_t dependent;     /* reads at addresses that depend on the input */
    uint32_t line_bits;     /* a line has 2^line_bits bytes */
    uint32_t lines;         /* a power of two, at most LINES_MAX */
    uint32_t flash_origin;
    uint32_t flash_bytes;
    uint32_t ram_origin;
    uint32_t ram_bytes;
    uint32_t place;   /* of the instruction that runs */
    uint32_t next;    /* the one behind it */
    uint32_t fetched; /* word of code that the core has */
    uint32_t held[LINES_MAX];
    uint32_t steady[LINES_MAX];
    reader *readers; /* by half words of code: flash, then RAM */
} flash_state;

static uint32_t misses(uint32_t *held, uint32_t line, const flash_state *flash)
{
    uint32_t *place = &held[line & (flash->lines - 1)];
    uint32_t missed = *place != line;
    *place = line;
    return missed;
}

static void fetch(flash_state *flash, uint32_t word)
{
    flash->fetched = word;
    if (word - flash->flash_origin >= flash->flash_bytes)
        return;
    uint32_t line = word >> flash->line_bits;
    flash->misses += misses(flash->held, line, flash);
    flash->steady_misses += misses(flash->steady, line, flash);
}

__attribute__((visibility("default")))
void zerotap_code_hook(void *uc, uint64_t address, uint32_t size, flash_state *flash)
{
    uint32_t place = (uint32_t)address;
    (void)uc;
    if (place != flash->next)
        flash->fetched = NOTHING;
    for (uint32_t word = place & ~3u; word < place + size; word += 4)
        if (word != flash->fetched)
            fetch(flash, word);
    flash->place = place;
    flash->next = place + size;
}

static reader *reader_at(flash_state *flash, uint32_t place)
{
    if (place - flash->flash_origin < flash->flash_bytes)
        return &flash->readers[(place - flash->flash_origin) / 2];
    return &flash->readers[(flash->flash_bytes + place - flash->ram_origin) / 2];
}

__attribute__((visibility("default")))
void zerotap_read_hook(void *uc, int type, uint64_t address, int size, int64_t value, flash_state *flash)
{
    (void)uc, (void)type, (void)size, (void)value;
    uint32_t line = (uint32_t)address >> flash->line_bits;
    reader *here = reader_at(flash, flash->place);
    here->history = (here->history ^ address) * 0x100000001b3u;
    here->count += 1;
    flash->misses += misses(flash->held, line, flash);
    if (here->depends)
        flash->dependent += 1;
    else
        flash->steady_misses += misses(flash->steady, line, flash);
}
