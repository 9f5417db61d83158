"""Models in C source: python benchmarks/fuzz/fuzz_c_arrays.py --seconds 600."""

import random
import sys
from collections.abc import Sequence

from fuzz_driver import Target, main, mutated

from zerotap.errors import ModelError
from zerotap.firmware.tflite.c_array import model_in_c

MODEL = (28, 0, 0, 0, *b"TFL3", *range(24))
XXD = f"""unsigned char model_tflite[] = {{
  {", ".join(f"0x{byte:02x}" for byte in MODEL)}
}};
unsigned int model_tflite_len = {len(MODEL)};
"""
GUARDED = f"""#ifdef __has_attribute /* of tinymlgen */
#define ALIGN __attribute__((aligned(4)))
#endif
const uint8_t model[{len(MODEL)}] ALIGN = {{ // {len(MODEL)} bytes
{",".join(map(str, MODEL))} }};
const int model_size = {len(MODEL)}U;
"""
BYTES = ",".join(map(str, MODEL))
OTHERS = f"int a[2] = {{1, 2}}; char b[] = {{{BYTES},}}; float c[1][2] = {{{{1}}}};"
PIECES = (b"/*", b"*/", b"//", b"\n", b"{", b"}", b"[", b"]", b"=", b",", b"_len = ", b" ", b"0x", b"#", b"9")


def mutate(rng: random.Random, corpus: Sequence[bytes]) -> bytes:
    """Bytes as anywhere, and the pieces that C gives a meaning, many of one at times."""
    data = bytearray(mutated(rng, corpus))
    for _ in range(rng.randrange(3)):
        at = rng.randrange(len(data) + 1)
        data[at:at] = rng.choice(PIECES) * rng.choice((1, 1, 2, 500))
    return bytes(data)


TARGET = Target(
    "C arrays",
    lambda data: model_in_c(data, "fuzz.h"),
    lambda: [text.encode() for text in (XXD, GUARDED, OTHERS)],
    (ModelError,),
    mutate,
)

if __name__ == "__main__":
    sys.exit(main(TARGET))
