/* zerotap_patch for ARMv6-M: 7 cycles a byte.
 *
 * r0 value, r1 patch, r2 column, r3 source, r4 copy, r5 bytes, r6 scratch, r7 index;
 * r8 input, r9 left, r10 row, r11 rows of the kernel left, r12 columns of it left. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_patch, "ax", %progbits
    .balign 4
    .global zerotap_patch
    .type zerotap_patch, %function
    .thumb_func
zerotap_patch:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    mov r8, r0
    mov r9, r3
    mov r10, r2
    ldr r4, [sp, #36]       /* copy */
    ldr r5, [r1, #12]       /* kernel height */
    mov r11, r5
1:  ldr r5, [r1, #16]       /* kernel width */
    mov r12, r5
    mov r2, r9
2:  ldr r5, [r1, #8]        /* channels */
    ldr r7, [r1, #28]       /* repeat */
    ldr r6, [r1, #0]
    cmp r10, r6
    bhs 6f
    ldr r6, [r1, #4]
    cmp r2, r6
    bhs 6f
    mov r3, r10
    muls r3, r6, r3
    adds r3, r3, r2
    muls r3, r5, r3
    add r3, r8
    cmp r7, #1
    bne 4f
    adds r4, r4, r5         /* each byte once: both ends, and an index up to 0 */
    adds r3, r3, r5
    rsbs r7, r5, #0
3:  ldrb r0, [r3, r7]
    strb r0, [r4, r7]
    adds r7, r7, #1
    bne 3b
    b 8f
4:  ldrb r0, [r3]
    adds r3, r3, #1
    mov r6, r7
5:  strb r0, [r4]
    adds r4, r4, #1
    subs r6, r6, #1
    bne 5b
    subs r5, r5, #1
    bne 4b
    b 8f
6:  movs r0, #32            /* outside of the input */
    ldrb r0, [r1, r0]
    muls r5, r7, r5
    adds r4, r4, r5
    rsbs r7, r5, #0
7:  strb r0, [r4, r7]
    adds r7, r7, #1
    bne 7b
8:  ldr r6, [r1, #24]       /* the next column of the kernel */
    adds r2, r2, r6
    mov r6, r12
    subs r6, r6, #1
    mov r12, r6
    bne 2b
    ldr r6, [r1, #20]       /* the next row */
    add r10, r6
    mov r6, r11
    subs r6, r6, #1
    mov r11, r6
    bne 1b
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size zerotap_patch, . - zerotap_patch
#endif
