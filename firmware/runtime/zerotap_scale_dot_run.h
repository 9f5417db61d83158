/* The body of zerotap_scale_dot_16 and its forms with longer runs, which define FUNCTION, RUN and WORDS before they include it,
 * as those of zerotap_sums_dot do, POOLS, 1 where sums can be compared with those of other positions, and RESTS, 0 where outputs
 * are whole fours alone. Four outputs are summed and scaled before the next four.
 *
 * r0 the layer's table, r1 word of inputs, r2 and r3 products, r4 to r7 four sums, r8 output, r9 where its whole fours end,
 * r10 where there are rests the shape, and negative where what is left of four lies on the stack, whose output is r12 (before,
 * the table), r11 other positions' largest sums, or 0, lr from the jump to where the run is entered. */
#include "zerotap_dot_pairs.h"

    /* A sum that began at -low, to int8. */
    .macro SCALE sum
    asrs r1, \sum, #31
    bics \sum, \sum, r1
    ldmia r0!, {r1, r2, r3} /* span, fraction, factor */
    cmp \sum, r1
    bls 9f                  /* 2 cycles either way */
    mov \sum, r1
9:  muls r3, \sum, r3
    muls r2, \sum, r2
    ldmia r0!, {r1}         /* offset */
    lsrs r2, r2, #14
    adds r3, r3, r1
    adds r3, r3, r2
    lsrs \sum, r3, #24
    .endm

/* Bytes from the run's end to the jump's PC, and of the stack's words of inputs, four outputs and how many are left. */
#if POOLS
#define AFTER 134
#define FRAME (4 * WORDS + 8)
#else
#define AFTER 128
#define FRAME (4 * WORDS + 4 * RESTS)
#endif

    .macro LARGER sum, at
    ldr r2, [r1, #\at]
    cmp \sum, r2
    bge 9f
    mov \sum, r2
9:
    .endm

    .section .text.FUNCTION, "ax", %progbits
    .balign 4
RUN:
    .set at, 0
    .rept WORDS
    ldr r1, [sp, #at]
    PRODUCTS r4, r5
    PRODUCTS r6, r7
    .set at, at + 4
    .endr
    .if POOLS
    mov r1, r11
    cmp r1, #0
    bne 4f
    .endif
1:  SCALE r4
    SCALE r5
    SCALE r6
    SCALE r7
    mov r1, r8
    strb r4, [r1, #0]
    strb r5, [r1, #1]
    strb r6, [r1, #2]
    strb r7, [r1, #3]
2:  adds r1, r1, #4
    mov r8, r1
10: cmp r1, r9
    beq 7f
    ldmia r0!, {r4-r7}
    add pc, lr

    .if POOLS
4:  mov r2, r10             /* one of several positions, whose largest sums are at r1 */
    lsls r2, r2, #15
    bcc 5f                  /* the first */
    LARGER r4, 0
    LARGER r5, 4
    LARGER r6, 8
    LARGER r7, 12
5:  mov r2, r10
    lsls r2, r2, #15
    bpl 6f
    stmia r1!, {r4-r7}      /* not the last */
    mov r11, r1
    adds r0, r0, #64
    mov r1, r8
    b 2b
6:  adds r1, r1, #16
    mov r11, r1
    b 1b
    .endif

7:
    .if RESTS
    mov r2, r10
    cmp r2, #0
    bmi 8f
    lsls r3, r2, #12
    lsrs r3, r3, #30
    beq 9f
    mov r12, r1             /* one to three outputs are left: all four of them go to the stack */
    .if POOLS
    movs r4, #1
    lsls r4, r4, #31
    orrs r2, r2, r4
    mov r10, r2
    str r3, [sp, #4 * WORDS + 4]
    .else
    rsbs r3, r3, #0
    mov r10, r3
    .endif
    add r2, sp, #4 * WORDS
    mov r1, r2
    mov r8, r1
    adds r2, r2, #4
    mov r9, r2
    b 10b
8:  mov r1, r12
    add r3, sp, #4 * WORDS
    .if POOLS
    lsls r2, r2, #15
    bmi 9f
    ldr r2, [r3, #4]
    .else
    rsbs r2, r2, #0
    .endif
1:  subs r2, r2, #1
    ldrb r4, [r3, r2]
    strb r4, [r1, r2]
    bne 1b
    .endif
9:  add sp, #FRAME
    .if POOLS
    pop {r4-r7}
    mov r11, r7
    .elseif RESTS
    pop {r4-r6}
    .else
    pop {r4, r5}
    .endif
    mov r8, r4
    mov r9, r5
    .if RESTS
    mov r10, r6
    .endif
    pop {r4-r7, pc}

    .global FUNCTION
    .type FUNCTION, %function
    .thumb_func
FUNCTION:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    .if RESTS
    mov r6, r10
    .endif
    .if POOLS
    mov r7, r11
    push {r4-r7}
    .elseif RESTS
    push {r4-r6}
    .else
    push {r4, r5}
    .endif
    sub sp, #FRAME
    mov r8, r2
    .if RESTS
    mov r10, r3
    .endif
    mov r12, r1
    .if POOLS
    ldr r4, [sp, #FRAME + 36]
    mov r11, r4
    .endif
    .if RESTS
    lsrs r4, r3, #20
    lsls r4, r4, #2
    .else
    lsrs r4, r3, #18
    .endif
    adds r2, r2, r4
    mov r9, r2
    uxth r7, r3             /* inputs */
    adds r4, r7, #1
    lsrs r4, r4, #1         /* words of them */
    lsls r5, r4, #2
    add r1, sp, #4 * WORDS
    subs r1, r1, r5
    movs r5, #30            /* bytes of a word's code */
    muls r4, r5, r4
    adds r4, r4, #AFTER
    rsbs r4, r4, #0
    mov lr, r4
    UNPACK 4
    mov r0, r12
    mov r1, r8
    b 10b
    MASKS
    .size FUNCTION, . - FUNCTION
