/* The body of zerotap_lstm_activation and its small form, which define FUNCTION and TABLE before they include it; see
 * zerotap_runtime.h. Every value takes the same cycles.
 *
 * With a = -|value| and exp(a) = e, both functions are of 2 / (1 + e), which Newton's method finds in three steps. a
 * splits into a multiple of a quarter, whose factors are multiplied in by its bits, and a rest in [-1/4, 0), whose exp
 * is a polynomial around -1/8, or comes from a table where the rest has 10 bits or fewer.
 *
 * r0 values, r1 ~(a << bits), r2 sign, r3 temporary, r4 e, then minus half of 1 + e, r5 x, r6 temporary, r7 factors;
 * r8 2^14, r9 rounding of 1 - x * half, r10 end, r11 -2^12 or the table, r12 rounding of the polynomial, lr of the
 * first guess. On the stack: 0 curve. */
    .syntax unified
    .thumb

    /* r1 = -|value|, r2 = its sign. */
    .macro MAGNITUDE
    ldrh r1, [r0]
    sxth r1, r1
    asrs r2, r1, #31
    eors r1, r1, r2
    subs r1, r2, r1
    .endm

    /* r4 = exp(rest) of the rest in r4, Q0.15 from r4 = rest + 1/8; clobbers r3, r5, r6. */
    .macro POLYNOMIAL
    mov r3, r4
    muls r3, r4, r3
    add r3, r8
    lsrs r3, r3, #15        /* x^2 */
    mov r5, r3
    muls r5, r4, r5
    add r5, r8
    asrs r5, r5, #15        /* x^3 */
    mov r6, r3
    muls r6, r3, r6
    add r6, r8
    lsrs r6, r6, #15
    adds r6, r6, #2
    lsrs r6, r6, #2         /* x^4 / 4 */
    adds r5, r5, r6
    ldr r6, 90f
    muls r5, r6, r5         /* by 1/3 */
    add r5, r8
    asrs r5, r5, #15
    adds r5, r5, r3
    adds r5, r5, #1
    asrs r5, r5, #1
    adds r4, r4, r5
    ldr r6, 91f
    muls r4, r6, r4
    add r4, r12
    lsrs r4, r4, #15
    .endm

    /* r4 = r4 * factor of the row in r7. */
    .macro FACTOR at
    ldrh r3, [r7, #\at]
    muls r4, r3, r4
    add r4, r8
    lsrs r4, r4, #15
    .endm

    /* r7 = the row of r3 in [-1, 31]. */
    .macro ROW
    movs r7, #10
    muls r3, r7, r3
    adr r7, 93f
    adds r7, r7, r3
    .endm

    /* r5 = 2 / (1 + e), Q2.13; exactly 1 where the value is 0: there r4 is 0 and r1 all ones, else r1 < 2^20. */
    .macro RECIPROCAL
    lsrs r3, r1, #20
    lsls r3, r3, #3
    orrs r4, r4, r3
    add r4, r8
    add r4, r8
    lsrs r4, r4, #1
    ldr r5, 92f
    muls r5, r4, r5
    add r5, lr
    asrs r5, r5, #15
    rsbs r4, r4, #0
    .rept 3
    mov r6, r5
    muls r6, r4, r6
    add r6, r9
    asrs r6, r6, #15
    muls r6, r5, r6
    add r6, r8
    asrs r6, r6, #15
    lsls r6, r6, #2
    adds r5, r5, r6
    .endr
    .endm

    .macro FACTORS
    FACTOR 0
    FACTOR 2
    FACTOR 4
    FACTOR 6
    FACTOR 8
    .endm

    /* From the factors of the lower bits to the stored tanh; the upper two bits of the multiple are those of r3. */
    .macro TANH
    lsrs r3, r3, #30
    lsls r3, r3, #1
    adr r7, 97f
    adds r7, r7, r3
    FACTOR 0
    RECIPROCAL
    lsls r3, r5, #2
    lsrs r5, r5, #14        /* 2^15 does not fit */
    subs r3, r3, r5
    add r3, r8
    add r3, r8              /* - 2^15 */
    eors r3, r3, r2
    subs r3, r3, r2
    strh r3, [r0]
    adds r0, r0, #2
    .endm

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
    push {r2, r4-r7}
    lsls r1, r1, #1
    adds r1, r1, r0
    mov r10, r1
    movs r3, #1
    lsls r3, r3, #14
    mov r8, r3
    lsls r4, r3, #14
    adds r4, r4, r3
    subs r4, r4, #1
    mov r9, r4              /* 2^28 + 2^14 - 1 */
    ldr r4, 94f
    mov lr, r4              /* 48/17 */
    ldr r4, 95f
    mov r12, r4
    cmp r2, #0
    bne 3f

    .if TABLE
    ldr r4, 96f
    .else
    rsbs r4, r3, #0
    asrs r4, r4, #2
    .endif
    mov r11, r4
1:  MAGNITUDE
    .if TABLE
    mvns r1, r1
    lsls r3, r1, #22
    lsrs r3, r3, #21
    mov r4, r11
    ldrh r4, [r4, r3]
    asrs r3, r1, #10
    ROW
    .else
    lsls r1, r1, #3
    lsls r4, r1, #19
    lsrs r4, r4, #19
    add r4, r11
    mvns r1, r1
    POLYNOMIAL
    asrs r3, r1, #13
    ROW
    .endif
    FACTORS
    RECIPROCAL
    lsls r3, r5, #1
    lsrs r5, r5, #14        /* 2^15 does not fit */
    subs r3, r3, r5
    lsrs r2, r2, #17
    eors r3, r3, r2         /* 1 - it where the value was negative */
    strh r3, [r0]
    adds r0, r0, #2
    cmp r0, r10
    bne 1b
    b 9f

3:
    .if TABLE
    cmp r2, #4
    bne 5f
    ldr r4, 96f
    adds r4, r4, #2
    mov r11, r4
6:  MAGNITUDE
    mvns r1, r1
    lsls r3, r1, #23
    lsrs r3, r3, #21
    mov r4, r11
    ldrh r4, [r4, r3]
    lsls r3, r1, #18
    lsrs r3, r3, #27
    ROW
    FACTORS
    lsls r3, r1, #16
    TANH
    cmp r0, r10
    bne 6b
    b 9f
    .endif

5:  rsbs r4, r3, #0
    asrs r4, r4, #2
    mov r11, r4
4:  MAGNITUDE
    ldr r3, [sp, #0]
    lsls r1, r1, r3
    lsls r4, r1, #19
    lsrs r4, r4, #19
    add r4, r11
    mvns r1, r1
    POLYNOMIAL
    lsls r3, r1, #14
    lsrs r3, r3, #27
    ROW
    FACTORS
    lsls r3, r1, #12
    TANH
    cmp r0, r10
    bne 4b

9:  pop {r3-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}

    .balign 4
90: .word 10923             /* 1/3 */
91: .word 28918             /* exp(-1/8) */
92: .word -15420            /* -32/17, Q2.13 */
94: .word (23130 << 15) + (1 << 14)
95: .word (28918 << 15) + (1 << 14)
    .if TABLE
96: .word 98f
    .endif
    /* exp(-8) and exp(-16) */
97: .hword 32768, 11, 0, 0
    /* exp of -1/4, -1/2, -1, -2 and -4, or 1, by the bits of -1 to 31; of -1, for the value 0, all is 0. */
    .hword 0, 0, 0, 0, 0, 0
93:
    .set row, 0
    .rept 32
    .hword 32768 - (row & 1) * 7248
    .hword 32768 - ((row >> 1) & 1) * 12893
    .hword 32768 - ((row >> 2) & 1) * 20713
    .hword 32768 - ((row >> 3) & 1) * 28333
    .hword 32768 - ((row >> 4) & 1) * 32168
    .set row, row + 1
    .endr
    .if TABLE
    .balign 4
    /* The polynomial of rests -1 to -1024 in steps of 1/4096; all terms are kept positive, as >> may be logical. */
98:
    .set x, 4088
    .rept 1024
    .set x2, (x * x + 16384) >> 15
    .set x3, ((x2 * x + 16384 + (1 << 40)) >> 15) - (1 << 25)
    .set x4, (((x2 * x2 + 16384) >> 15) + 2) >> 2
    .set third, (((x3 + x4) * 10923 + 16384 + (1 << 40)) >> 15) - (1 << 25)
    .hword 28918 + (((x + ((third + x2 + 1) >> 1)) * 28918 + 16384 + (1 << 40)) >> 15) - (1 << 25)
    .set x, x - 8
    .endr
    .endif
    .size FUNCTION, . - FUNCTION
