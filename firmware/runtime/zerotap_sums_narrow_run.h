/* The body of zerotap_sums_bytes and zerotap_sums_nibbles, which define FUNCTION and NIBBLES before they include it.
 *
 * r0 end of the input, r1 weights, r2 index, up to 0, r3 four weights, r4 activation, r5 product, r6 outputs left,
 * r7 -inputs; r8 to r11 four sums, r12 where they go. */
    .syntax unified
    .thumb
    .section .text.FUNCTION, "ax", %progbits
    .balign 4
    .global FUNCTION
    .type FUNCTION, %function
    .thumb_func
FUNCTION:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    mov r12, r2             /* sums */
    lsrs r6, r3, #16        /* outputs left */
    uxth r3, r3
    adds r0, r0, r3         /* end of the input */
    rsbs r7, r3, #0         /* -inputs */
1:  movs r2, #0
    mov r8, r2              /* r8 to r11: four sums */
    mov r9, r2
    mov r10, r2
    mov r11, r2
    mov r2, r7
2:  ldrsb r4, [r0, r2]
    .if NIBBLES
    ldrh r3, [r1]
    adds r1, r1, #2
    lsls r5, r3, #28
    asrs r5, r5, #28
    muls r5, r4, r5
    add r8, r5
    lsls r5, r3, #24
    asrs r5, r5, #28
    muls r5, r4, r5
    add r9, r5
    lsls r5, r3, #20
    asrs r5, r5, #28
    muls r5, r4, r5
    add r10, r5
    lsls r5, r3, #16
    asrs r5, r5, #28
    muls r5, r4, r5
    add r11, r5
    .else
    ldmia r1!, {r3}
    sxtb r5, r3
    muls r5, r4, r5
    add r8, r5
    asrs r3, r3, #8
    sxtb r5, r3
    muls r5, r4, r5
    add r9, r5
    asrs r3, r3, #8
    sxtb r5, r3
    muls r5, r4, r5
    add r10, r5
    asrs r3, r3, #8
    muls r3, r4, r3
    add r11, r3
    .endif
    adds r2, r2, #1
    bne 2b
    mov r2, r8
    mov r3, r9
    mov r4, r10
    mov r5, r11
    mov r8, r0
    mov r0, r12
    stmia r0!, {r2-r5}
    mov r12, r0
    mov r0, r8
    subs r6, r6, #4
    bne 1b
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size FUNCTION, . - FUNCTION
