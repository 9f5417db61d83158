/* FUNCTION: a forest of full trees, DEPTH splits on every way, without a branch that depends on the input.
 *
 * All trees are one heap: the roots are nodes TREES to 2 * TREES - 1, the children of node i are 2 * i + 1, where the
 * feature is below the node's limit, and 2 * i. PLANE has a byte for every node from TREES on, 4 * feature (FAR: the
 * feature) of a split and then the codes of the leaves; LIMITS, WIDTH bytes each (UNSIGNED: of one byte, 0 to 255),
 * belong to the splits. Limits and features lie within +-(2^24 + 1). SCALE: by what a leaf's code is multiplied.
 * LONG_LOOP: two trees are more than a conditional jump leaps over.
 * r0 input, r1 see zerotap_forest_leaf.h, r2 PLANE, r3 LIMITS, r4 root, r5 node. */
#include "zerotap_forest_leaf.h"

    .macro LEVEL
    ldrb r6, [r2, r5]
    .if FAR
    lsls r6, r6, #2
    .endif
    ldr r6, [r0, r6]
    .if WIDTH == 1
    .if UNSIGNED
    ldrb r7, [r3, r5]
    .else
    ldrsb r7, [r3, r5]
    .endif
    .endif
    .if WIDTH == 2
    lsls r7, r5, #1
    ldrsh r7, [r3, r7]
    .endif
    .if WIDTH == 4
    lsls r7, r5, #2
    ldr r7, [r3, r7]
    .endif
    subs r6, r6, r7
    adds r6, r6, r6         /* the carry is its sign */
    adcs r5, r5
    .endm

    .macro TREE
    .rept DEPTH
    LEVEL
    .endr
    ldrb r6, [r2, r5]
    .if SCALE > 1
    movs r7, #SCALE
    muls r6, r7, r6
    .endif
    LEAF
    .endm

    .section .text.FUNCTION, "ax", %progbits
    .balign 4
    .global FUNCTION
    .type FUNCTION, %function
    .thumb_func
FUNCTION:
    BEGIN
    ldr r2, =PLANE - TREES
    ldr r3, =LIMITS - WIDTH * TREES
    LOAD r4, 2 * TREES - 1
    .if TREES & 1
    adds r4, r4, #1
    b 2f
    .endif
1:  mov r5, r4
    TREE
2:  subs r5, r4, #1
    TREE
    subs r4, r4, #2
    cmp r4, #TREES
    .if LONG_LOOP
    blt 3f
    b 1b
3:
    .else
    bge 1b
    .endif
    END
    .pool
    .size FUNCTION, . - FUNCTION
