/* Counts cycles and the stack while Unicorn runs, called at the start of every block of instructions.
 * What a block costs is decoded once, by the Python side, into the table that is read here.
 * The structures are mirrored in block_hook.py. */
#include <stdint.h>

typedef struct {
    uint32_t size;        /* bytes; 0 until decoded */
    uint32_t cycles;      /* with a conditional branch at the end not taken */
    uint32_t conditional; /* 1: ends in a conditional branch */
    uint32_t depth;       /* bytes that SP goes below its value at the start */
    uint32_t moves_sp;    /* 1: SP is set from a register, so the next block looks at it */
} block;

typedef struct {
    uint64_t cycles;
    uint64_t cycle_limit;
    uint32_t origin;       /* of the flash, and how many bytes: the table's first part */
    uint32_t length;
    uint32_t ram_origin;   /* of the RAM: its second */
    uint32_t ram_length;
    uint32_t lowest_sp;
    uint32_t fall_through; /* where a conditional branch not taken leads; 0: none pending */
    uint32_t look_at_sp;
    uint32_t sp_register;
    block *blocks;
    int (*decode)(uint32_t address, uint32_t size); /* fills the table; 0: stop */
    int (*read_register)(void *uc, int reg, void *value);
    int (*stop)(void *uc);
} counter;

static void track_stack(void *uc, counter *count, const block *here)
{
    uint32_t sp = 0;
    count->read_register(uc, (int)count->sp_register, &sp);
    if (sp - here->depth < count->lowest_sp)
        count->lowest_sp = sp - here->depth;
    count->look_at_sp = here->moves_sp;
}

__attribute__((visibility("default")))
void zerotap_block_hook(void *uc, uint64_t address, uint32_t size, counter *count)
{
    uint32_t offset = (uint32_t)address - count->origin;
    if (offset >= count->length)
        offset = (uint32_t)address - count->ram_origin + count->length;
    if (offset >= count->length + count->ram_length || count->cycles > count->cycle_limit) {
        count->stop(uc);
        return;
    }
    block *here = &count->blocks[offset / 2];
    if (here->size != size && !count->decode((uint32_t)address, size)) {
        count->stop(uc);
        return;
    }
    count->cycles += here->cycles;
    if (count->fall_through && address != count->fall_through)
        count->cycles += 1;
    count->fall_through = here->conditional ? (uint32_t)address + size : 0;
    if (here->depth || here->moves_sp || count->look_at_sp)
        track_stack(uc, count, here);
}
