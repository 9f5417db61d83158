// What Arduino's core does of a sketch.
#include "board.h"

void setup();
void loop();

void run_sketch(void)
{
    setup();
    for (;;) {
        loop();
    }
}
