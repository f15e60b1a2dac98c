/* Draws signs, smoothed by sampling. The warning triangle has the colour #9D5D00, a white edge and a white exclamation
 * mark. */
#include "ui/list_sign.h"

#include <stdlib.h>

enum { SAMPLES = 6 }; /* a pixel is looked at in SAMPLES x SAMPLES places */

/* What lies at a place of the unit square. */
enum part { PART_NONE, PART_EDGE, PART_BODY };

/* How far inside the triangle (0.5,0.06)-(0.98,0.94)-(0.02,0.94) a place lies; below 0: outside. */
static double depth_at(double x, double y)
{
    const double slope = 0.48 / 0.88; /* half the base over the height */
    double bottom = 0.94 - y;
    double dx = x < 0.5 ? 0.5 - x : x - 0.5;
    /* The sides' distance, made perpendicular by 1 / sqrt(1 + slope^2). */
    double side = ((y - 0.06) * slope - dx) * 0.878;
    return bottom < side ? bottom : side;
}

static enum part warning_at(double x, double y)
{
    double depth = depth_at(x, y);
    if (depth < 0)
        return PART_NONE;
    if (depth < 0.065)
        return PART_EDGE;
    double dx = x < 0.5 ? 0.5 - x : x - 0.5;
    bool stroke = dx < 0.055 && y > 0.40 && y < 0.67;
    bool dot = dx < 0.06 && y > 0.73 && y < 0.84;
    return stroke || dot ? PART_EDGE : PART_BODY;
}

/* Chevrons with strokes of 0.09: to the right, and down. */
static enum part right_at(double x, double y)
{
    double dy = y < 0.5 ? 0.5 - y : y - 0.5;
    double off = x + dy - 0.62; /* the two arms meet at 0.62, 0.5 */
    return dy < 0.25 && off > -0.065 && off < 0.065 ? PART_BODY : PART_NONE;
}

static enum part down_at(double x, double y)
{
    return right_at(y, x);
}

struct sign {
    enum part (*at)(double x, double y);
    uint32_t body; /* 0xRRGGBB; edges are white */
};

/* One pixel, straight alpha, as 0xAARRGGBB. */
static uint32_t pixel_at(const struct sign *sign, double left, double top, double step)
{
    unsigned edge = 0;
    unsigned body = 0;
    for (int i = 0; i < SAMPLES; i++) {
        for (int k = 0; k < SAMPLES; k++) {
            enum part p = sign->at(left + step * (k + 0.5) / SAMPLES, top + step * (i + 0.5) / SAMPLES);
            edge += p == PART_EDGE;
            body += p == PART_BODY;
        }
    }
    unsigned all = edge + body;
    if (!all)
        return 0;
    uint32_t red = (0xFF * edge + (sign->body >> 16) * body) / all;
    uint32_t green = (0xFF * edge + (sign->body >> 8 & 0xFF) * body) / all;
    uint32_t blue = (0xFF * edge + (sign->body & 0xFF) * body) / all;
    uint32_t alpha = 255 * all / (SAMPLES * SAMPLES);
    return alpha << 24 | red << 16 | green << 8 | blue;
}

static void draw(const struct sign *sign, uint32_t *pixels, int cx, int cy, int size)
{
    int left = (cx - size) / 2;
    int top = (cy - size) / 2;
    for (int y = 0; y < cy; y++) {
        for (int x = 0; x < cx; x++) {
            bool inside = x >= left && x < left + size && y >= top && y < top + size;
            double step = size ? 1.0 / size : 0;
            pixels[y * cx + x] = inside ? pixel_at(sign, (x - left) * step, (y - top) * step, step) : 0;
        }
    }
}

/* The mask that systems without alpha use: a bit is set where nothing is drawn. */
static HBITMAP make_mask(const uint32_t *pixels, int cx, int cy)
{
    int stride = (cx + 15) / 16 * 2;
    unsigned char *bits = calloc((size_t)stride, (size_t)cy);
    if (!bits)
        return NULL;
    for (int y = 0; y < cy; y++)
        for (int x = 0; x < cx; x++)
            if (pixels[y * cx + x] >> 24 < 128)
                bits[y * stride + x / 8] = (unsigned char)(bits[y * stride + x / 8] | 0x80 >> x % 8);
    HBITMAP mask = CreateBitmap(cx, cy, 1, 1, bits);
    free(bits);
    return mask;
}

static HICON make_icon(const struct sign *sign, int cx, int cy, int size)
{
    BITMAPINFO info = {.bmiHeader = {.biSize = sizeof info.bmiHeader,
                                     .biWidth = cx,
                                     .biHeight = -cy, /* top row first */
                                     .biPlanes = 1,
                                     .biBitCount = 32}};
    void *pixels = NULL;
    HBITMAP colour = CreateDIBSection(NULL, &info, DIB_RGB_COLORS, &pixels, NULL, 0);
    if (!colour)
        return NULL;
    draw(sign, pixels, cx, cy, size);
    HBITMAP mask = make_mask(pixels, cx, cy);
    ICONINFO icon = {.fIcon = TRUE, .hbmMask = mask, .hbmColor = colour};
    HICON made = mask ? CreateIconIndirect(&icon) : NULL;
    if (mask)
        DeleteObject(mask);
    DeleteObject(colour);
    return made;
}

HICON list_sign_icon(int cx, int cy, int size)
{
    static const struct sign warning = {warning_at, 0x9D5D00};
    return make_icon(&warning, cx, cy, size);
}

HICON list_sign_expander(int cx, int cy, int size, bool open, COLORREF ink)
{
    uint32_t body = (uint32_t)GetRValue(ink) << 16 | (uint32_t)GetGValue(ink) << 8 | GetBValue(ink);
    struct sign sign = {open ? down_at : right_at, body};
    return make_icon(&sign, cx, cy, size);
}
