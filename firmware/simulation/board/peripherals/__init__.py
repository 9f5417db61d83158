"""The peripherals of a SAMD21G18A, a module for each kind, and the registry of where they are.

Registers and their bits are those of the SAM D21/DA1 Family data sheet (Microchip DS40001882), whose
chapter a module names.
"""
