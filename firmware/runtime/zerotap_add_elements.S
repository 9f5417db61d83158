/* zerotap_add_elements for ARMv6-M: 18 cycles an element and 3 for every four, the same for all codes.
 *
 * r0 first less output, r1 second less output, r2 shift, r3 output, r4 the result, r5 the second code, r6, r7 the factors;
 * r8 offset, r9 span, r10 low, r11 the end. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_add_elements, "ax", %progbits
    .balign 4
    .global zerotap_add_elements
    .type zerotap_add_elements, %function
    .thumb_func
zerotap_add_elements:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    subs r0, r0, r3
    subs r1, r1, r3
    ldmia r2!, {r4, r5, r6, r7}
    mov r8, r6
    mov r9, r7
    ldmia r2!, {r6, r7}
    mov r10, r6
    adds r6, r7, r3
    mov r11, r6             /* the first turn begins with as many of its elements as are more than fours */
    rsbs r7, r7, #0
    lsls r7, r7, #30
    lsrs r6, r7, #25
    lsrs r7, r7, #29
    subs r7, r6, r7
    subs r7, #130           /* 30 bytes an element, and from PC back to the first */
    mov r12, r7
    ldr r2, [r2]
    movs r6, r4
    movs r7, r5
    b 4f
zerotap_add_elements_run:
    .rept 4
    ldrsb r4, [r3, r0]
    ldrsb r5, [r3, r1]
    muls r4, r6, r4
    muls r5, r7, r5
    adds r4, r4, r5
    add r4, r8
    asrs r4, r4, r2
    bpl 2f
    movs r4, #0
2:  cmp r4, r9
    bls 3f
    mov r4, r9
3:  add r4, r10
    strb r4, [r3]
    adds r3, r3, #1
    .endr
    cmp r3, r11
    bne zerotap_add_elements_run
    b 5f
4:  add pc, r12
5:  pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size zerotap_add_elements, . - zerotap_add_elements
#endif
