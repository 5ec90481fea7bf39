/* The physical yardstick: one pass over the pixels, compiled for this very machine. Table per channel (the curves),
   a saturation, clip, round, and the two sums of the distance. Plain C, left to the compiler's vectoriser. */
#include <stddef.h>
#include <stdint.h>

void measure(const uint8_t *image, const uint8_t *reference, size_t pixels, const float *table, float saturation,
             float round, uint64_t *sums)
{
    uint64_t absolute = 0, square = 0;
    const size_t block = 16384; /* 3 * 16384 squares of at most 65025 fit 32 bits */
    for (size_t start = 0; start < pixels; start += block) {
        size_t stop = start + block < pixels ? start + block : pixels;
        uint32_t a = 0, s = 0;
        for (size_t i = start; i < stop; i++) {
            float r = table[image[3 * i]], g = table[256 + image[3 * i + 1]], b = table[512 + image[3 * i + 2]];
            float y = 0.2126f * r + 0.7152f * g + 0.0722f * b;
            float x[3] = {y + saturation * (r - y), y + saturation * (g - y), y + saturation * (b - y)};
            for (int c = 0; c < 3; c++) {
                float v = x[c] * 255.0f + round;
                v = v < 0.0f ? 0.0f : v > 255.0f ? 255.0f : v;
                int d = (int)v - (int)reference[3 * i + c];
                a += (uint32_t)(d < 0 ? -d : d);
                s += (uint32_t)(d * d);
            }
        }
        absolute += a;
        square += s;
    }
    sums[0] = absolute;
    sums[1] = square;
}
