"""What operators' modules share: their interface, rows and windows, requantisation, tables."""
