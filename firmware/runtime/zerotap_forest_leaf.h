/* What the forms of a forest share: how FUNCTION begins and ends, and what a leaf adds to the scores.
 *
 * r0 input, r1 output when it is called. Between BEGIN and END r1 is ROWS (words) or the output (others), lr and
 * r12 belong to LEAF, r4 to r7 and r2, r3 are free. LEAF takes a leaf's code in r6 and changes r5, r6 and r7.
 *   LEAF_VOTES  the code is 4 * class: SHARE more for it
 *   LEAF_WORDS  the code is a place in ROWS, of WORDS words with the shares of two classes, 16 bits each
 *   LEAF_PAIRS  the code is a place in ROWS, of a byte, how many pairs there are, and pairs of 4 * class and its share
 *   LEAF_SUMS   the code is a place in ROWS, of CLASSES bytes
 * Defined by who includes it: one of the four as 1, the others as 0; CLASSES; SHARE; WORDS, 1 or 2; ROWS; and
 * ROWS_IN_R4 where r4 holds it. */
    .syntax unified
    .thumb

    /* A constant, the same way by every assembler. */
    .macro LOAD register number
    .if (\number) < 256
    movs \register, #(\number)
    .else
    ldr \register, =(\number)
    .endif
    .endm

    .macro BEGIN
    push {r1, r4-r7, lr}
    .if LEAF_WORDS
    movs r4, #0
    mov r12, r4
    mov lr, r4
    ldr r1, =ROWS
    .else
    movs r4, #0
    mov r5, r1
    LOAD r6, 4 * CLASSES
    adds r6, r6, r1
    mov lr, r6
8:  stmia r5!, {r4}
    cmp r5, r6
    bne 8b
    .endif
    .endm

    .macro LEAF
    .if LEAF_VOTES
    ldr r7, [r1, r6]
    adds r7, r7, #SHARE
    str r7, [r1, r6]
    .endif
    .if LEAF_WORDS
    .if WORDS == 1
    ldr r7, [r1, r6]
    add lr, r7
    .else
    adds r6, r6, r1
    ldmia r6, {r6, r7}
    add lr, r6
    add r12, r7
    .endif
    .endif
    .if LEAF_PAIRS | LEAF_SUMS
#ifdef ROWS_IN_R4
    adds r5, r6, r4
#else
    ldr r7, =ROWS
    adds r5, r6, r7
#endif
    .endif
    .if LEAF_PAIRS
    ldrb r6, [r5]
    mov lr, r6
9:  ldrb r6, [r5, #1]
    ldrb r7, [r5, #2]
    adds r5, r5, #2
    mov r12, r7
    ldr r7, [r1, r6]
    add r7, r12
    str r7, [r1, r6]
    mov r6, lr
    subs r6, r6, #1
    mov lr, r6
    bne 9b
    .endif
    .if LEAF_SUMS
    mov r6, r1
9:  ldrb r7, [r5]
    adds r5, r5, #1
    mov r12, r7
    ldr r7, [r6]
    add r7, r12
    stmia r6!, {r7}
    cmp r6, lr
    bne 9b
    .endif
    .endm

    .macro END
    .if LEAF_WORDS
    ldr r1, [sp]
    mov r6, lr
    uxth r4, r6
    lsrs r5, r6, #16
    .if CLASSES == 1
    str r4, [r1]
    .endif
    .if CLASSES == 2
    stmia r1!, {r4, r5}
    .endif
    .if CLASSES > 2
    mov r7, r12
    uxth r6, r7
    .if CLASSES == 3
    stmia r1!, {r4-r6}
    .else
    lsrs r7, r7, #16
    stmia r1!, {r4-r7}
    .endif
    .endif
    .endif
    pop {r1, r4-r7, pc}
    .endm
