/* The physical yardstick: one pass over the pixels, compiled for this very machine. A table per channel (white balance), the
   same through the tone curve for the largest and the smallest channel, a saturation about the gray of equal luminance with its
   stop at the gamut, clip, round, and the two sums of the distance. Plain C, left to the compiler's vectoriser. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

void measure(const uint8_t *image, const uint8_t *reference, size_t pixels, const float *balance, const float *tone,
             float more, float tiny, float room, float round, uint64_t *sums)
{
    uint64_t absolute = 0, square = 0;
    const size_t block = 16384; /* 3 * 16384 squares of at most 65025 fit 32 bits */
    for (size_t start = 0; start < pixels; start += block) {
        size_t stop = start + block < pixels ? start + block : pixels;
        uint32_t a = 0, s = 0;
        for (size_t i = start; i < stop; i++) {
            int r = image[3 * i], g = 256 + image[3 * i + 1], b = 512 + image[3 * i + 2];
            float w[3] = {balance[r], balance[g], balance[b]};
            float least = MIN(w[0], MIN(w[1], w[2])), most = MAX(w[0], MAX(w[1], w[2]));
            float low = MIN(tone[r], MIN(tone[g], tone[b])), high = MAX(tone[r], MAX(tone[g], tone[b]));
            float slope = (high - low) / MAX(most - least, tiny);
            float x[3], gray = 0, luma[3] = {0.2126f, 0.7152f, 0.0722f};
            for (int c = 0; c < 3; c++) {
                x[c] = low + slope * (w[c] - least);
                gray += luma[c] * x[c] * x[c];
            }
            gray = sqrtf(gray);
            float stop_at = MAX(more, 0) * MAX((high - gray) / (1 + room - high), (gray - low) / (low + room));
            float gain = 1 + more / sqrtf(1 + stop_at * stop_at);
            for (int c = 0; c < 3; c++) {
                float v = (gray + gain * (x[c] - gray)) * 255.0f + round;
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
