/* An LSTM's gates from their sums, as TensorFlow Lite Micro adds them. */
#define FUNCTION zerotap_lstm_gates_wide_each
#define STATE(part) saturated(part)
#include "zerotap_lstm_gates_wide_run.h"
