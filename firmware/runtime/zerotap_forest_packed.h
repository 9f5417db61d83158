/* FUNCTION: a forest of full trees, DEPTH splits on every way, without a branch that depends on the input.
 *
 * A tree is 1 << DEPTH words, its splits in order, from right to left: limit << 16 | number << 8 | 4 * feature. The
 * numbers are its leaves' alone, one a word, and the last word has no split. A split's word lies behind the pointer by
 * its level, to which the left way adds half of what the level spans. Behind the trees are the rows of the leaves, of
 * WORDS words with the shares of two classes, 16 bits each: a leaf's lies at its number << SHIFT. Features lie within
 * +-(2^24 + 1), limits within 16 bits: the upper 7 bits of their difference are its sign.
 * r0 input, r1 rows, r2 and r3 sums, r4 tree, r6 pointer into it. */
    .syntax unified
    .thumb

    /* The split below pointer: the sign is its shift's carry, too, and SPAN times it is added. */
    .macro LEVEL pointer span
    ldr r7, [\pointer, #(4 << \span) / 2 - 4]
    uxtb r5, r7
    ldr r5, [r0, r5]
    asrs r7, r7, #16
    subs r5, r5, r7
    .ifc \pointer, r4
    lsrs r6, r5, #(31 - \span)
    adcs r6, r4
    .else
    lsrs r5, r5, #(31 - \span)
    adcs r6, r5
    .endif
    .endm

    .section .text.FUNCTION, "ax", %progbits
    .balign 4
    .global FUNCTION
    .type FUNCTION, %function
    .thumb_func
FUNCTION:
    push {r1, r4-r7}
    ldr r4, =TREES
    ldr r1, =TREES + BYTES
    movs r2, #0
    .if WORDS == 2
    movs r3, #0
    .endif
1:  LEVEL r4, DEPTH
    .set below, DEPTH
    .rept DEPTH - 1
    .set below, below - 1
    LEVEL r6, below
    .endr
    ldrb r6, [r6, #1]
    .if SHIFT
    lsls r6, r6, #SHIFT
    .endif
    .if WORDS == 1
    ldr r7, [r1, r6]
    adds r2, r2, r7
    .else
    adds r6, r6, r1
    ldmia r6, {r6, r7}
    adds r2, r2, r6
    adds r3, r3, r7
    .endif
    adds r4, r4, #(4 << DEPTH)
    cmp r4, r1
    bne 1b
    pop {r1}
    uxth r4, r2
    .if CLASSES == 1
    str r4, [r1]
    .else
    lsrs r5, r2, #16
    .if CLASSES == 2
    stmia r1!, {r4, r5}
    .else
    uxth r6, r3
    .if CLASSES == 3
    stmia r1!, {r4-r6}
    .else
    lsrs r7, r3, #16
    stmia r1!, {r4-r7}
    .endif
    .endif
    .endif
    pop {r4-r7}
    bx lr
    .pool
    .size FUNCTION, . - FUNCTION
