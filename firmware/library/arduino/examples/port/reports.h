// The next report of the keyboard on the board's USB port; false at once where there is none.
bool port_next_report(uint8_t report[8]);
