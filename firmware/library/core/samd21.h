/* The registers of a SAMD21 that this core uses, from Microchip's data sheet DS40001882. */
#ifndef SAMD21_H
#define SAMD21_H

#include <stdint.h>

#define REGISTER(type, address) (*(volatile type *)(address))
#define BIT(number) (1u << (number))

#define PM_APBBMASK REGISTER(uint32_t, 0x4000041C)
#define PM_APBCMASK REGISTER(uint32_t, 0x40000420)
#define PM_APBBMASK_USB BIT(5)
#define PM_APBCMASK_SERCOM5 BIT(7)
#define PM_APBCMASK_ADC BIT(16)

#define SYSCTRL_PCLKSR REGISTER(uint32_t, 0x4000080C)
#define SYSCTRL_XOSC32K REGISTER(uint16_t, 0x40000814)
#define SYSCTRL_DFLLCTRL REGISTER(uint16_t, 0x40000824)
#define SYSCTRL_DFLLVAL REGISTER(uint32_t, 0x40000828)
#define SYSCTRL_DFLLMUL REGISTER(uint32_t, 0x4000082C)
#define PCLKSR_XOSC32KRDY BIT(1)
#define PCLKSR_DFLLRDY BIT(4)
#define PCLKSR_DFLLLCKF BIT(6)
#define PCLKSR_DFLLLCKC BIT(7)

#define GCLK_STATUS REGISTER(uint8_t, 0x40000C01)
#define GCLK_CLKCTRL REGISTER(uint16_t, 0x40000C02)
#define GCLK_GENCTRL REGISTER(uint32_t, 0x40000C04)
#define GCLK_GENDIV REGISTER(uint32_t, 0x40000C08)
#define GCLK_CLKCTRL_CLKEN BIT(14)
#define GCLK_DFLL48M 0u
#define GCLK_USB 6u
#define GCLK_SERCOM5_CORE 25u
#define GCLK_ADC 30u

#define NVMCTRL_CTRLB REGISTER(uint32_t, 0x41004004)
#define NVMCTRL_CTRLB_ONE_WAIT (1u << 1)
#define NVMCTRL_CTRLB_MANUAL_WRITE BIT(7)

/* Two groups of pins, PA and PB. */
#define PORT_DIRSET(group) REGISTER(uint32_t, 0x41004408 + 0x80 * (group))
#define PORT_OUTCLR(group) REGISTER(uint32_t, 0x41004414 + 0x80 * (group))
#define PORT_OUTSET(group) REGISTER(uint32_t, 0x41004418 + 0x80 * (group))
#define PORT_PMUX(group, pin) REGISTER(uint8_t, 0x41004430 + 0x80 * (group) + (pin) / 2)
#define PORT_PINCFG(group, pin) REGISTER(uint8_t, 0x41004440 + 0x80 * (group) + (pin))
#define PINCFG_PMUXEN BIT(0)

#define SERCOM5_CTRLA REGISTER(uint32_t, 0x42001C00)
#define SERCOM5_CTRLB REGISTER(uint32_t, 0x42001C04)
#define SERCOM5_BAUD REGISTER(uint16_t, 0x42001C0C)
#define SERCOM5_INTENCLR REGISTER(uint8_t, 0x42001C14)
#define SERCOM5_INTENSET REGISTER(uint8_t, 0x42001C16)
#define SERCOM5_INTFLAG REGISTER(uint8_t, 0x42001C18)
#define SERCOM5_STATUS REGISTER(uint16_t, 0x42001C1A)
#define SERCOM5_SYNCBUSY REGISTER(uint32_t, 0x42001C1C)
#define SERCOM5_DATA REGISTER(uint16_t, 0x42001C28)
#define SERCOM_DRE BIT(0)
#define SERCOM_RXC BIT(2)

#define ADC_CTRLA REGISTER(uint8_t, 0x42004000)
#define ADC_REFCTRL REGISTER(uint8_t, 0x42004001)
#define ADC_SAMPCTRL REGISTER(uint8_t, 0x42004003)
#define ADC_CTRLB REGISTER(uint16_t, 0x42004004)
#define ADC_SWTRIG REGISTER(uint8_t, 0x4200400C)
#define ADC_INPUTCTRL REGISTER(uint32_t, 0x42004010)
#define ADC_INTFLAG REGISTER(uint8_t, 0x42004018)
#define ADC_STATUS REGISTER(uint8_t, 0x42004019)
#define ADC_RESULT REGISTER(uint16_t, 0x4200401A)

/* As a device: an endpoint has a bank for what arrives (0) and one for what is sent (1). */
#define USB_CTRLA REGISTER(uint8_t, 0x41005000)
#define USB_SYNCBUSY REGISTER(uint8_t, 0x41005002)
#define USB_CTRLB REGISTER(uint16_t, 0x41005008)
#define USB_DADD REGISTER(uint8_t, 0x4100500A)
#define USB_INTFLAG REGISTER(uint16_t, 0x4100501C)
#define USB_DESCADD REGISTER(uint32_t, 0x41005024)
#define USB_PADCAL REGISTER(uint16_t, 0x41005028)
#define USB_EPCFG(endpoint) REGISTER(uint8_t, 0x41005100 + 0x20 * (endpoint))
#define USB_EPSTATUSCLR(endpoint) REGISTER(uint8_t, 0x41005104 + 0x20 * (endpoint))
#define USB_EPSTATUSSET(endpoint) REGISTER(uint8_t, 0x41005105 + 0x20 * (endpoint))
#define USB_EPSTATUS(endpoint) REGISTER(uint8_t, 0x41005106 + 0x20 * (endpoint))
#define USB_EPINTFLAG(endpoint) REGISTER(uint8_t, 0x41005107 + 0x20 * (endpoint))
#define USB_RESET_OVER BIT(3)
#define USB_STALL_IN BIT(5)
#define USB_BANK0_READY BIT(6)
#define USB_BANK1_READY BIT(7)
#define USB_RECEIVED BIT(0)
#define USB_SENT BIT(1)
#define USB_SETUP BIT(4)
/* Calibration of the USB pads, written by the factory: 5 bits, 5 bits and 3. */
#define NVM_CALIBRATION REGISTER(uint32_t, 0x00806024)

#define SYSTICK_CTRL REGISTER(uint32_t, 0xE000E010)
#define SYSTICK_LOAD REGISTER(uint32_t, 0xE000E014)
#define SYSTICK_VALUE REGISTER(uint32_t, 0xE000E018)
#define NVIC_ENABLE REGISTER(uint32_t, 0xE000E100)
#define SCB_ICSR REGISTER(uint32_t, 0xE000ED04)
#define SCB_VTOR REGISTER(uint32_t, 0xE000ED08)
#define ICSR_SYSTICK_PENDING BIT(26)
#define IRQ_SERCOM5 14u

#endif
