/* The body of zerotap_bag_sums and zerotap_bag_nibble_sums, which define FUNCTION and NIBBLES before they include it.
 *
 * Two 16-bit sums to a register, of every second byte of a word or every fourth nibble.
 * r0 row, r1 id, r2 mask, r3 and r4 words, r5 masked, r6 to r9 sums, r10 rows, r11 table, r12 bytes of a row,
 * lr end of the ids. On the stack: 0 ids, 4 sums, 8 columns left. */
    .syntax unified
    .thumb

    .if NIBBLES
    /* Two sums of 16 bits more: of the nibbles of the word that the mask leaves. */
    .macro LANES word lanes
    movs r5, \word
    ands r5, r5, r2
    add \lanes, r5
    .endm

    .macro LAST word lanes shift
    lsrs \word, \word, \shift
    ands \word, \word, r2
    add \lanes, \word
    .endm
    .else
    /* All four bytes: of the odd ones the word is added as it is, without the lowest byte; the third byte's share in it
     * comes off at the end. */
    .macro BYTES word even odd
    lsrs r5, \word, #8
    add \odd, r5
    ands \word, \word, r2
    add \even, \word
    .endm

    /* Four sums of even and odd bytes in r0 and r1. */
    .macro FOUR
    lsrs r5, r0, #16
    lsls r6, r5, #8
    subs r1, r1, r6
    uxth r3, r0
    uxth r4, r1
    lsrs r6, r1, #16
    stmia r7!, {r3, r4, r5, r6}
    .endm
    .endif

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
    mov r5, r2              /* sums */
    lsrs r6, r3, #16        /* columns left */
    mov r12, r6
    .if NIBBLES
    lsrs r4, r6, #1
    mov r12, r4
    .endif
    uxth r3, r3
    lsls r3, r3, #2
    adds r3, r0, r3
    mov lr, r3
    mov r4, r0              /* ids */
    ldmia r1!, {r7}         /* rows */
    mov r10, r7
    mov r11, r1
    push {r4-r6}
    .if NIBBLES
    ldr r2, =0x000F000F
    .else
    ldr r2, =0x00FF00FF
    .endif
1:  movs r6, #0
    movs r7, #0
    mov r8, r6
    mov r9, r6
    ldr r1, [sp, #0]
2:  ldmia r1!, {r0}
    cmp r0, r10
    blo 3f                  /* 3 cycles either way */
    movs r0, #0
3:  mov r3, r12
    muls r0, r3, r0
    add r0, r11
    .if NIBBLES
    ldr r3, [r0]
    LANES r3, r6
    lsrs r3, r3, #4
    LANES r3, r7
    lsrs r3, r3, #4
    LANES r3, r8
    LAST r3, r9, #4
    .else
    ldmia r0!, {r3, r4}
    BYTES r3, r6, r7
    BYTES r4, r8, r9
    .endif
    cmp r1, lr
    bne 2b
    mov r0, r6
    mov r1, r7
    ldr r7, [sp, #4]
    .if NIBBLES
    mov r2, r8
    mov r5, r9
    uxth r3, r0
    uxth r4, r1
    stmia r7!, {r3, r4}
    uxth r3, r2
    uxth r4, r5
    stmia r7!, {r3, r4}
    lsrs r3, r0, #16
    lsrs r4, r1, #16
    lsrs r5, r5, #16
    mov r6, r5
    lsrs r5, r2, #16
    stmia r7!, {r3, r4, r5, r6}
    ldr r2, =0x000F000F
    .else
    FOUR
    mov r0, r8
    mov r1, r9
    FOUR
    .endif
    str r7, [sp, #4]
    movs r0, #(8 >> NIBBLES)
    add r11, r0
    ldr r0, [sp, #8]
    subs r0, r0, #8
    str r0, [sp, #8]
    bne 1b
    add sp, #12
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .pool
    .size FUNCTION, . - FUNCTION
