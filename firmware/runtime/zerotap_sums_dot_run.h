/* The body of zerotap_sums_dot and its forms with longer runs, which define before they include it: FUNCTION; RUN, a name for
 * where the run begins, which the stack's bound looks for; WORDS of two inputs, as many as a call can have; and ROLLED,
 * 0 where the run has them all, 1 where it has 4 and is gone through in turns. See zerotap_runtime.h.
 *
 * The words of inputs are made once, on the stack; where they are fewer than the run has, they are its last, and the run
 * is entered further down.
 *
 * r0 weights, r1 word of inputs, r2 and r3 products, r4 to r7 four sums, r8 where they go, r9 where all sums end (2^30 less
 * where they are added to what is there), lr from the jump to where the run is entered; rolled: r10 where the inputs'
 * words begin, r11 where they end, r12 the turn's. */
#include "zerotap_dot_pairs.h"

    .section .text.FUNCTION, "ax", %progbits
    .balign 4
    .global FUNCTION
    .type FUNCTION, %function
    .thumb_func
FUNCTION:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    .if ROLLED
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    .else
    push {r4, r5}
    .endif
    sub sp, #4 * WORDS
    mov r8, r2
    mov r12, r1
    lsrs r4, r3, #17        /* half of the outputs, and whether to add */
    bcc 1f
    movs r5, #1
    lsls r5, r5, #30
    subs r2, r2, r5
1:  lsls r4, r4, #3
    adds r2, r2, r4
    mov r9, r2
    uxth r7, r3             /* inputs */
    adds r4, r7, #1
    lsrs r4, r4, #1         /* words of them */
    lsls r5, r4, #2
    add r1, sp, #4 * WORDS
    .if ROLLED
    mov r11, r1
    subs r1, r1, r5
    movs r5, #3
    rsbs r4, r4, #0
    ands r4, r4, r5         /* what the first turn leaves out, 32 bytes each */
    lsls r5, r4, #2
    subs r5, r1, r5
    mov r10, r5
    movs r5, #32
    muls r4, r5, r4
    subs r4, r4, #160       /* the run's beginning from the jump's PC */
    .else
    subs r1, r1, r5
    movs r5, #30            /* bytes of a word's code */
    muls r4, r5, r4
    rsbs r4, r4, #0
    subs r4, r4, #22        /* the run's end from the jump's PC */
    .endif
    mov lr, r4

    UNPACK 1
    mov r0, r12
    mov r1, r8
    b 7f
    MASKS

RUN:
    .set at, 0
    .if ROLLED
    .rept 4
    mov r1, r12
    ldr r1, [r1, #at]
    PRODUCTS r4, r5
    PRODUCTS r6, r7
    .set at, at + 4
    .endr
    movs r1, #16
    add r12, r1
    cmp r12, r11
    bne RUN
    .else
    .rept WORDS
    ldr r1, [sp, #at]
    PRODUCTS r4, r5
    PRODUCTS r6, r7
    .set at, at + 4
    .endr
    .endif
    mov r1, r8
    stmia r1!, {r4-r7}
    mov r8, r1
7:  cmp r1, r9
    bpl 8f
    movs r4, #0
    movs r5, #0
    movs r6, #0
    movs r7, #0
6:
    .if ROLLED
    mov r12, r10
    .endif
    add pc, lr

8:  beq 9f
    movs r2, #1             /* not below all that r9 could be: the sums are added */
    lsls r2, r2, #30
    add r2, r9
    cmp r1, r2
    beq 9f
    ldmia r1!, {r4-r7}
    b 6b
9:  add sp, #4 * WORDS
    .if ROLLED
    pop {r4-r7}
    mov r10, r6
    mov r11, r7
    .else
    pop {r4, r5}
    .endif
    mov r8, r4
    mov r9, r5
    pop {r4-r7, pc}
    .size FUNCTION, . - FUNCTION
