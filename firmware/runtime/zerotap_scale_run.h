/* The body of zerotap_scale_sums and its wide and signed forms, which define FUNCTION, WIDE and SIGNED before they
 * include it; see zerotap_runtime.h. Two outputs a turn; a branch takes 3 cycles whether it is taken or not.
 *
 * r0 sums, r1 scales, r2 outputs left, negative, r3 end of the output, r4 x, r5 to r7 constants, r12 middle. */
    .syntax unified
    .thumb

    .macro SCALE
    ldmia r0!, {r4}
    ldmia r1!, {r5, r6}     /* low, span */
    subs r4, r4, r5
    bpl 8f
    movs r4, #0
8:  cmp r4, r6
    bls 9f
    mov r4, r6
9:  ldmia r1!, {r5, r6, r7} /* fraction, factor, offset */
    muls r6, r4, r6
    adds r6, r6, r7
    .if WIDE
    lsrs r7, r4, #16
    muls r7, r5, r7
    adds r6, r6, r7
    uxth r4, r4
    muls r5, r4, r5
    lsrs r5, r5, #16
    .else
    muls r5, r4, r5
    lsrs r5, r5, #14
    .endif
    adds r6, r6, r5
    .if SIGNED
    ldmia r1!, {r5}         /* step */
    cmp r6, r12
    bge 8f
    subs r6, r6, r5
8:
    .endif
    lsrs r6, r6, #24
    strb r6, [r3, r2]
    adds r2, r2, #1
    .endm

    .section .text.FUNCTION, "ax", %progbits
    .balign 4
    .global FUNCTION
    .type FUNCTION, %function
    .thumb_func
FUNCTION:
    push {r4-r7, lr}
    .if SIGNED
    lsrs r4, r2, #16
    lsls r4, r4, #16
    mov r12, r4
    uxth r2, r2
    .endif
    adds r3, r3, r2
    lsls r4, r2, #31        /* an odd number of outputs begins with the second of a turn */
    rsbs r2, r2, #0
    tst r4, r4
    bne 2f
1:  SCALE
2:  SCALE
    bne 1b
    pop {r4-r7, pc}
    .size FUNCTION, . - FUNCTION
