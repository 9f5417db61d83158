/* The body of zerotap_lstm_cells and the form that rounds twice, which define FUNCTION and TWICE before they include it; see
 * zerotap_runtime.h. The gates of input and forgetting are not negative. A branch over one instruction takes 2 cycles
 * whether it is taken or not.
 *
 * r0 gates, r1 shift of the change, r2 cells, r3 and r6 bytes to the forget gate and to the last group, r4, r5, r7
 * temporaries; r8 and r9 halves, r10 max, r11 min, r12 end of the cells. */
    .syntax unified
    .thumb
    .if TWICE
    .set POWER, 14
    .else
    .set POWER, 15
    .endif

    /* Rounded to whole steps of 2, halves up. */
    .macro HALVES value
    .if TWICE
    adds \value, \value, #1
    asrs \value, \value, #1
    .endif
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
    push {r4-r7}
    ldmia r1!, {r3, r4, r5, r6} /* cells, integer bits, min, max */
    mov r11, r5
    mov r10, r6
    lsls r3, r3, #1
    adds r5, r2, r3
    mov r12, r5
    lsls r6, r3, #1
    adds r6, r6, r3
    movs r5, #1
    lsls r5, r5, #POWER - 1
    mov r8, r5
    lsls r5, r5, r4
    mov r9, r5
    movs r1, #POWER
    adds r1, r1, r4
1:  ldrsh r4, [r0, r3]
    movs r5, #0
    ldrsh r5, [r2, r5]
    muls r4, r5, r4
    HALVES r4
    asrs r5, r4, #31
    adds r4, r4, r5
    add r4, r8
    asrs r4, r4, #POWER     /* kept */
    ldrsh r5, [r0, r6]
    ldrh r7, [r0]
    muls r5, r7, r5
    HALVES r5
    asrs r7, r5, #31
    adds r5, r5, r7
    add r5, r9
    asrs r5, r5, r1         /* change */
    adds r4, r4, r5
    cmp r4, r10
    ble 2f
    mov r4, r10
2:  cmp r4, r11
    bge 3f
    mov r4, r11
3:  strh r4, [r0, r6]
    strh r4, [r2]
    adds r0, r0, #2
    adds r2, r2, #2
    cmp r2, r12
    bne 1b
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size FUNCTION, . - FUNCTION
