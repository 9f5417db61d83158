/* The body of zerotap_scale_words_2 and its forms, which define before they include it: NAME; RUN, a name for where the run
 * begins, which the stack's bound looks for; BITS, of the number of words in a turn of it; and POOLS, 1 where sums can be
 * compared with those of other positions; and FOURS, 1 where words are made of inputs 0 and 2, then 1 and 3, of every four,
 * which takes less time, else of neighbours. See zerotap_runtime.h.
 *
 * The run is gone through in turns, of which the first one is entered further down. Where the last outputs are
 * fewer than four, they are those of the last lanes: the code of the other lanes is jumped over.
 *
 * r0 the layer's table, r1 word of inputs, r2 and r3 products, r4 to r7 four sums, r8 output of the first lane, r9 bytes of
 * code of the lanes that are left out, r10 where the inputs' words begin, or with POOLS other positions' largest sums, or 0,
 * r11 where the inputs' words end, r12 the turn's (before, the table), lr from the jump to where the run is entered. On the
 * stack: at FIFTH where the output ends; with POOLS at 0 where the inputs' words begin, and at 4 the shape. */
#include "zerotap_dot_pairs.h"

#define TURN (1 << BITS)
#define FAR (BITS / 3)            /* whether a branch on a condition does not reach the turn's beginning */
#define AFTER (32 * TURN + 160 + 8 * POOLS + 2 * FAR) /* bytes from the run's beginning to the jump's PC */
#define LANE 28                 /* bytes of a lane's code; the first one's begin behind the jump */
#if POOLS
#define FIFTH 44                /* where the fifth argument lies, and then the output's end */
#define SAVED r2-r7
#else
#define FIFTH 36
#define SAVED r4-r7
#endif

    .macro STORE_LANE lane
    adds r3, r3, r2
    lsrs r3, r3, #24
    mov r1, r8
    strb r3, [r1, #\lane]
    .endm

    /* A sum that began at -low, to int8; that of the lane before is not needed any more. */
    .macro SCALE before, sum, lane
    asrs r1, \sum, #31
    bics \sum, \sum, r1
    ldmia r0!, {r1, r2, r3, \before} /* span, fraction, factor, offset */
    cmp \sum, r1
    bls 9f                      /* 2 cycles either way */
    mov \sum, r1
9:  muls r3, \sum, r3
    muls r2, \sum, r2
    lsrs r2, r2, #14
    adds r3, r3, \before
    STORE_LANE \lane
    .endm

    /* The words at r4 of the inputs at r0, r7 of them, negative, which the shape in r3 begins with; r2 is 0. r6 stays, r0
     * is where the words begin then. */
    .macro MAKE_NEIGHBOURS
    mov r1, r4
    subs r0, r0, r7             /* their end, from where r7 counts up to 0 */
    adds r5, r0, #1
    lsls r7, r6, #1
    lsrs r3, r3, #1
    bcs 2f                      /* of an odd number the first is alone, above */
1:  ldrsb r2, [r0, r7]
2:  ldrsb r3, [r5, r7]
    lsls r3, r3, #16
    adds r2, r2, r3
    stmia r4!, {r2}
    adds r7, r7, #2
    bne 1b
    mov r0, r1
    .endm

    /* The same of inputs 0 and 2, then 1 and 3, of every four; r5 is 0, too. */
    .macro MAKE_FOURS
    mov r10, r4
    subs r7, r0, r7
    mov r11, r7                 /* their end */
    lsls r3, r0, #30
    beq 6f
    movs r7, #2                 /* by bytes */
2:  ldrsb r2, [r0, r5]
    ldrsb r3, [r0, r7]
    lsls r3, r3, #16
    adds r2, r2, r3
    adds r0, r0, #1
    ldrsb r3, [r0, r5]
    ldrsb r1, [r0, r7]
    lsls r1, r1, #16
    adds r3, r3, r1
    adds r0, r0, #3
    stmia r4!, {r2, r3}
    cmp r0, r11
    bne 2b
    b 5f
6:  adr r3, 90f
    ldmia r3!, {r1, r5, r7}
4:  ldmia r0!, {r2}
    eors r2, r2, r5             /* each byte plus 128 */
    lsrs r3, r2, #8
    ands r2, r2, r1
    subs r2, r2, r7
    ands r3, r3, r1
    subs r3, r3, r7
    stmia r4!, {r2, r3}
    cmp r0, r11
    bne 4b
5:  mov r0, r10
    .endm

    .macro LARGER sum, other
    cmp \sum, \other
    bge 9f
    mov \sum, \other
9:
    .endm

    .section .text.NAME, "ax", %progbits
    .balign 4
RUN:
    .set at, 0
    .rept TURN
    mov r1, r12
    ldr r1, [r1, #at]
    PRODUCTS r4, r5
    PRODUCTS r6, r7
    .set at, at + 4
    .endr
    movs r1, #4 * TURN
    add r12, r1
    cmp r12, r11
    .if FAR
    beq 9f
    b RUN
9:
    .else
    bne RUN
    .endif
    .if POOLS
    mov r1, r10
    cmp r1, #0
    bne 4f
    .endif
1:  asrs r1, r4, #31
    add pc, r9
    nop                         /* r9 counts from behind it */
    bics r4, r4, r1             /* the first lane has no register for its offset */
    ldmia r0!, {r1, r2, r3}
    cmp r4, r1
    bls 9f
    mov r4, r1
9:  muls r3, r4, r3
    muls r2, r4, r2
    ldmia r0!, {r1}
    lsrs r2, r2, #14
    adds r3, r3, r1
    STORE_LANE 0
    SCALE r4, r5, 1
    SCALE r4, r6, 2
    SCALE r4, r7, 3
7:  adds r1, r1, #4
    mov r8, r1
8:  ldr r2, [sp, #FIFTH]
    subs r2, r2, r1             /* outputs left */
    beq 9f
    subs r2, r2, #4
    bpl 3f
    adds r1, r1, r2
    mov r8, r1
    movs r3, #LANE
    muls r2, r3, r2
    rsbs r2, r2, #0
    mov r9, r2
3:  ldmia r0!, {r4-r7}
    .if POOLS
    ldr r1, [sp, #0]
    mov r12, r1
    .else
    mov r12, r10
    .endif
    add pc, lr
9:  pop {SAVED}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}

    .if POOLS
4:  ldr r2, [sp, #4]            /* one of several positions, whose largest sums are at r1 */
    lsls r2, r2, #15
    bcc 5f                      /* the first */
    ldmia r1!, {r2, r3}
    LARGER r4, r2
    LARGER r5, r3
    ldmia r1!, {r2, r3}
    LARGER r6, r2
    LARGER r7, r3
5:  ldr r2, [sp, #4]
    lsls r2, r2, #15
    bpl 6f
    mov r1, r10
    stmia r1!, {r4-r7}          /* not the last */
    mov r10, r1
    adds r0, r0, #64
    mov r1, r8
    b 7b
6:  mov r10, r1
    b 1b
    .endif

    .global NAME
    .type NAME, %function
    .thumb_func
NAME:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {SAVED}
    .if POOLS
    str r3, [sp, #4]
    .endif
    mov r12, r1
    mov r8, r2
    lsrs r4, r3, #18            /* outputs */
    adds r2, r2, r4
    uxth r7, r3
    rsbs r7, r7, #0             /* inputs, and an index up to 0 */
    asrs r6, r7, #1             /* words, negative too */
    movs r5, #0
    mov r9, r5
    ldr r4, [sp, #FIFTH]
    str r2, [sp, #FIFTH]
    .if POOLS
    mov r10, r4
    .endif
    lsrs r2, r3, #16
    lsls r2, r2, #30
    bne 3f
    .if POOLS
    mov r10, r2
    .endif
    .if FOURS
    MAKE_FOURS
    .else
    MAKE_NEIGHBOURS
    .endif
3:  lsls r4, r6, #2
    subs r4, r0, r4
    mov r11, r4
    lsls r6, r6, #32 - BITS
    lsrs r6, r6, #30 - BITS     /* words that the first turn leaves out, as bytes */
    subs r0, r0, r6
    .if POOLS
    str r0, [sp, #0]
    .else
    mov r10, r0
    .endif
    lsls r6, r6, #3             /* 32 bytes of code each */
    .if AFTER > 255
    subs r6, #255
    .endif
    subs r6, #AFTER % 255
    mov lr, r6
    mov r0, r12
    mov r1, r8
    b 8b
    .if FOURS
    MASKS
    .endif
    .size NAME, . - NAME
