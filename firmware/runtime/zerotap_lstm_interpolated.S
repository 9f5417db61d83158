/* zerotap_lstm_interpolated for ARMv6-M; see zerotap_runtime.h. Every value takes the same cycles.
 *
 * r0 values, r1 their end, r2 table, r3 0, r4 magnitude, r5 sign, r6 and r7 temporaries; r8 to r12 of tanh: r8 shift to
 * the left, r9 rounding, r10 shift to the right, r11 2^23, r12 the last step of the table. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb

    /* r4 = |r4|, r5 = its sign. */
    .macro MAGNITUDE
    asrs r5, r4, #31
    eors r4, r4, r5
    subs r4, r4, r5
    .endm

    /* r7 = what is between two entries of the table, 2^bits of it, for the magnitude in r4; clobbers r6. */
    .macro BETWEEN bits
    lsrs r6, r4, #\bits
    lsls r6, r6, #1
    adds r6, r6, r2
    ldrh r7, [r6]
    ldrh r6, [r6, #2]
    subs r6, r6, r7
    lsls r4, r4, #32 - \bits
    lsrs r4, r4, #32 - \bits
    muls r6, r4, r6
    lsls r7, r7, #\bits
    adds r7, r7, r6
    .endm

    .section .text.zerotap_lstm_interpolated, "ax", %progbits
    .balign 4
    .global zerotap_lstm_interpolated
    .type zerotap_lstm_interpolated, %function
    .thumb_func
zerotap_lstm_interpolated:
    push {r4-r7, lr}
    lsls r1, r1, #1
    adds r1, r1, r0
    movs r3, #0
    mov r12, r2
    adr r2, 8f
    mov r4, r12
    cmp r4, #0
    bne 2f
1:  ldrsh r4, [r0, r3]
    lsls r5, r4, #1
    adds r4, r4, r5
    MAGNITUDE
    BETWEEN 9
    eors r7, r7, r5         /* of a negative value 1 - it */
    lsrs r5, r5, #31
    lsls r5, r5, #25
    adds r7, r7, r5
    movs r5, #1
    lsls r5, r5, #9
    adds r7, r7, r5
    lsrs r7, r7, #10
    strh r7, [r0]
    adds r0, r0, #2
    cmp r0, r1
    bne 1b
    pop {r4-r7, pc}

    /* tanh of r4 - 1 integer bits. */
2:  mov r5, r8
    mov r6, r9
    mov r7, r10
    push {r5-r7}
    mov r5, r11
    push {r5}
    subs r4, r4, #4         /* to the left; to the right where it is negative */
    asrs r5, r4, #31
    mov r6, r4
    bics r6, r6, r5
    mov r8, r6
    rsbs r4, r4, #0
    ands r4, r4, r5
    mov r10, r4
    movs r5, #1
    lsls r5, r5, r4
    lsrs r5, r5, #1
    mov r9, r5
    movs r5, #1
    lsls r5, r5, #23
    mov r11, r5
    movs r5, #255
    lsls r5, r5, #8
    mov r12, r5
3:  ldrsh r4, [r0, r3]
    lsls r5, r4, #1
    adds r4, r4, r5
    mov r5, r8
    lsls r4, r4, r5
    add r4, r9
    mov r5, r10
    asrs r4, r4, r5
    MAGNITUDE
    mov r6, r12
    subs r6, r6, r4         /* negative beyond the table */
    asrs r7, r6, #31
    ands r6, r6, r7
    adds r4, r4, r6
    BETWEEN 8
    mov r6, r11
    subs r7, r7, r6
    eors r7, r7, r5
    adds r7, r7, #128
    asrs r7, r7, #8
    strh r7, [r0]
    adds r0, r0, #2
    cmp r0, r1
    bne 3b
    pop {r3}
    mov r11, r3
    pop {r4-r6}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    pop {r4-r7, pc}

    .balign 4
    /* The logistic function of i / 24 in Q0.16, as TensorFlow Lite Micro has it, and one more for the last step. */
8:
    .hword 32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794, 41432
    .hword 42064, 42688, 43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443, 48964, 49475
    .hword 49975, 50464, 50942, 51409, 51865, 52311, 52745, 53169, 53581, 53983, 54374, 54755, 55125, 55485
    .hword 55834, 56174, 56503, 56823, 57133, 57433, 57724, 58007, 58280, 58544, 58800, 59048, 59288, 59519
    .hword 59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110, 61279, 61441, 61599, 61750, 61896, 62036
    .hword 62172, 62302, 62428, 62549, 62666, 62778, 62886, 62990, 63090, 63186, 63279, 63368, 63454, 63536
    .hword 63615, 63691, 63765, 63835, 63903, 63968, 64030, 64090, 64148, 64204, 64257, 64308, 64357, 64405
    .hword 64450, 64494, 64536, 64576, 64614, 64652, 64687, 64721, 64754, 64786, 64816, 64845, 64873, 64900
    .hword 64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079, 65097, 65115, 65132, 65149, 65164, 65179
    .hword 65194, 65208, 65221, 65234, 65246, 65258, 65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337
    .hword 65345, 65352, 65360, 65367, 65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425
    .hword 65429, 65433, 65438, 65442, 65445, 65449, 65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474
    .hword 65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491, 65493, 65495, 65497, 65498, 65500, 65501
    .hword 65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513, 65514, 65515, 65516, 65517
    .hword 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524, 65525, 65525
    .hword 65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529, 65529, 65530, 65530
    .hword 65530, 65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532, 65532, 65532, 65532, 65533
    .hword 65533, 65533, 65533, 65533, 65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534
    .hword 65534, 65534, 65534, 65535, 65535
    .size zerotap_lstm_interpolated, . - zerotap_lstm_interpolated
#endif
