/* An LSTM's gates from their sums, as TFLite's MatrixBatchVectorMultiplyAccumulate does twice. */
#define FUNCTION zerotap_lstm_gates_wide
#define STATE(part) (part)
#include "zerotap_lstm_gates_wide_run.h"
