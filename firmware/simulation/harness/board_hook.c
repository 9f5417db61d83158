/* What Unicorn calls while a whole board runs: at the start of every block of instructions, and for every access of
 * a peripheral's register. The structures are mirrored in board_hook.py.
 *
 * Time advances where a block starts. A register that is only stored is read here; all others, and every write, are
 * asked of Python. A hook that stops the core does so before its block, which is reported again on resuming. */
#include <stdint.h>

enum { DEADLINE = 1, UNMASKED, NO_CODE, OVERFLOW }; /* why the core was stopped */
enum { STORED, ASKED, TICKS }; /* how a byte of a register is read */

typedef struct {
    uint32_t size;        /* bytes; 0 until decoded */
    uint32_t cycles;      /* with a conditional branch at the end not taken */
    uint32_t conditional; /* 1: ends in a conditional branch */
    uint32_t depth;       /* bytes that SP goes below its value at the start */
    uint32_t moves_sp;    /* 1: SP is set from a register, so the next block looks at it */
    int32_t sp_change;    /* otherwise: bytes that SP moves by */
} block;

typedef struct {
    uint64_t cycles;
    uint64_t deadline;     /* the core stops at the first block from this cycle on */
    uint64_t tick_next;    /* the cycle at which SysTick is next 0 */
    uint32_t tick_reload;  /* what it counts down from */
    uint32_t origin;       /* of the flash, and how many bytes: the table's first part */
    uint32_t length;
    uint32_t ram_origin;   /* of the RAM: its second */
    uint32_t ram_length;
    uint32_t lowest_sp;
    uint32_t stack_floor;  /* SP may not go below: there are variables */
    uint32_t fall_through; /* where a conditional branch not taken leads; 0: none pending */
    uint32_t look_at_sp;   /* 1: SP is not known, as after anything but the blocks themselves */
    uint32_t sp;
    uint32_t awaits_unmasking; /* 1: an interrupt waits for PRIMASK to be 0 */
    uint32_t place;        /* of the block that runs */
    uint32_t reason;
    uint32_t sp_register;
    uint32_t primask_register;
    block *blocks;
    int (*decode)(uint32_t address, uint32_t size); /* fills the table; 0: stop */
    int (*read_register)(void *uc, int reg, void *value);
    int (*stop)(void *uc);
} board_state;

typedef struct {
    board_state *state;
    const uint8_t *stored; /* the bytes of all registers of this part of the address space */
    const uint8_t *kinds;  /* for each of them */
    uint64_t (*read)(uint32_t address, uint32_t size);
    void (*write)(uint32_t address, uint32_t size, uint32_t value);
    uint32_t origin;
} window;

static void stop(void *uc, board_state *state, uint32_t reason)
{
    state->reason = reason;
    state->stop(uc);
}

static uint32_t core_register(void *uc, const board_state *state, uint32_t number)
{
    uint32_t value = 0;
    state->read_register(uc, (int)number, &value);
    return value;
}

static void track_stack(void *uc, board_state *state, const block *here)
{
    if (state->look_at_sp)
        state->sp = core_register(uc, state, state->sp_register);
    if (state->sp - here->depth < state->lowest_sp)
        state->lowest_sp = state->sp - here->depth;
    state->sp += (uint32_t)here->sp_change;
    state->look_at_sp = here->moves_sp;
    if (state->lowest_sp < state->stack_floor)
        stop(uc, state, OVERFLOW);
}

static block *block_at(board_state *state, uint32_t address)
{
    uint32_t offset = address - state->origin;
    if (offset >= state->length)
        offset = address - state->ram_origin + state->length;
    return offset < state->length + state->ram_length ? &state->blocks[offset / 2] : 0;
}

static void count(void *uc, board_state *state, const block *here, uint32_t address)
{
    state->cycles += here->cycles;
    if (state->fall_through && address != state->fall_through)
        state->cycles += 1;
    state->fall_through = here->conditional ? address + here->size : 0;
    if (here->depth || here->sp_change || here->moves_sp || state->look_at_sp)
        track_stack(uc, state, here);
}

__attribute__((visibility("default")))
void zerotap_board_block(void *uc, uint64_t address, uint32_t size, board_state *state)
{
    state->place = (uint32_t)address;
    if (state->cycles >= state->deadline) {
        stop(uc, state, DEADLINE);
        return;
    }
    if (state->awaits_unmasking && !(core_register(uc, state, state->primask_register) & 1)) {
        stop(uc, state, UNMASKED);
        return;
    }
    block *here = block_at(state, (uint32_t)address);
    if (!here || (here->size != size && !state->decode((uint32_t)address, size))) {
        stop(uc, state, NO_CODE);
        return;
    }
    count(uc, state, here, (uint32_t)address);
}

static uint32_t ticks_left(const board_state *state)
{
    uint64_t left = state->tick_next - state->cycles;
    return left <= state->tick_reload ? (uint32_t)left : 0;
}

__attribute__((visibility("default")))
uint64_t zerotap_board_read(void *uc, uint64_t offset, unsigned size, window *part)
{
    uint64_t value = 0;
    (void)uc;
    if (part->kinds[offset] == ASKED)
        return part->read(part->origin + (uint32_t)offset, size);
    if (part->kinds[offset] == TICKS)
        return ticks_left(part->state);
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)part->stored[offset + i] << 8 * i;
    return value;
}

__attribute__((visibility("default")))
void zerotap_board_write(void *uc, uint64_t offset, unsigned size, uint64_t value, window *part)
{
    (void)uc;
    part->write(part->origin + (uint32_t)offset, size, (uint32_t)value);
}
