/* FUNCTION: a forest as a table of words, one a split and one a leaf, walked until there is a leaf.
 *
 * A split: threshold << (32 - BITS) | how many words the right child lies behind the next one << (FIELD + 1) | feature.
 * The left child is the next word. A leaf: code << (FIELD + 1) | 1 << FIELD. ROOTS has the place of each tree in NODES.
 * r0 input, r1 see zerotap_forest_leaf.h, r2 node, r3 NODES, r4 ROOTS, r8 their end. */
#include "zerotap_forest_leaf.h"

    .section .text.FUNCTION, "ax", %progbits
    .balign 4
    .global FUNCTION
    .type FUNCTION, %function
    .thumb_func
FUNCTION:
    BEGIN
    mov r4, r8
    push {r4}
    ldr r3, =NODES
    ldr r4, =ROOTS
    ldr r5, =ROOTS + 2 * TREES
    mov r8, r5
1:  ldrh r2, [r4]
    adds r4, r4, #2
    lsls r2, r2, #2
    adds r2, r2, r3
2:  ldmia r2!, {r5}
    lsls r6, r5, #(32 - FIELD)
    bcs 3f                  /* a leaf */
    lsrs r6, r6, #(30 - FIELD)
    ldr r6, [r0, r6]
    asrs r7, r5, #(32 - BITS)
    cmp r6, r7
    ble 2b
    lsls r5, r5, #BITS
    lsrs r5, r5, #(BITS + FIELD + 1)
    lsls r5, r5, #2
    adds r2, r2, r5
    b 2b
3:  lsrs r6, r5, #(FIELD + 1)
    LEAF
    cmp r4, r8
    bne 1b
    pop {r4}
    mov r8, r4
    END
    .pool
    .size FUNCTION, . - FUNCTION
