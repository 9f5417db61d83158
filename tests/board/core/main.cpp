// What Arduino's core does of a sketch.
void setup();
void loop();

int main()
{
    setup();
    for (;;) {
        loop();
    }
}
