/* Gives each distinct frame its text, once. */
#include "core/report/report_frames.h"

#include "core/base/text.h"
#include "core/ledger/grow.h"
#include "core/report/report_out.h"
#include "core/report/system_modules.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash_frame(const struct ledger_frame *f)
{
    return (uint32_t)hash_two(f->offset, (uint64_t)f->image << 1 | f->kernel);
}

static bool rehash(struct report *r)
{
    uint32_t count = r->frame_slot_count ? r->frame_slot_count * 2 : 1024;
    uint32_t *slots = count ? calloc(count, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (uint32_t i = 0; i < r->frame_count; i++) {
        uint32_t at = hash_frame(&r->frames[i].frame) & (count - 1);
        while (slots[at])
            at = (at + 1) & (count - 1);
        slots[at] = i + 1;
    }
    free(r->frame_slots);
    r->frame_slots = slots;
    r->frame_slot_count = count;
    return true;
}

struct symbol_ask report_frame_ask(const struct report *r, const struct ledger_frame *frame)
{
    const struct ledger_image *image = ledger_image(r->ledger, frame->image);
    return (struct symbol_ask){.path = ledger_name(r->ledger, image->name),
                               .pdb = ledger_name(r->ledger, image->pdb),
                               .image = image,
                               .offset = frame->offset};
}

enum image_kind { IMAGE_NOT_ASKED, IMAGE_SYSTEM, IMAGE_OTHER };

/* Code that opens handles for others. A module's name is looked at once. */
static bool is_system(struct report *r, const struct ledger_frame *f, bool *it)
{
    *it = f->kernel;
    if (!f->image)
        return true;
    if (!grow_array(&r->image_kinds, &r->image_kinds_room, f->image + 1, sizeof *r->image_kinds))
        return false;
    uint8_t *kind = &r->image_kinds[f->image];
    if (*kind == IMAGE_NOT_ASKED)
        *kind = is_system_module(ledger_name(r->ledger, ledger_image(r->ledger, f->image)->name)) ? IMAGE_SYSTEM
                                                                                                  : IMAGE_OTHER;
    *it = *kind == IMAGE_SYSTEM;
    return true;
}

/* The frame that stands for all that have this key: the first of them. */
static bool stand_for(struct report *r, const char *key, size_t size, uint32_t number, uint32_t *function)
{
    uint32_t name = 0;
    if (!names_put(&r->functions, key, size, &name) ||
        !grow_array(&r->function_frames, &r->function_room, name + 1, sizeof *r->function_frames))
        return false;
    if (!r->function_frames[name])
        r->function_frames[name] = number + 1;
    *function = r->function_frames[name] - 1;
    return true;
}

/* Without a function's name frames at one place in a file are one: a recording may tell the file twice, with its time
 * stamp and without. No name of a function begins with this key's first byte. */
static bool find_place(struct report *r, uint32_t number)
{
    struct report_frame *f = &r->frames[number];
    uint32_t path = ledger_image(r->ledger, f->frame.image)->name;
    char key[2 + sizeof path + sizeof f->frame.offset] = {0, f->frame.image ? 0 : f->frame.kernel ? 1 : 2};
    memcpy(key + 2, &path, sizeof path);
    memcpy(key + 2 + sizeof path, &f->frame.offset, sizeof f->frame.offset);
    return stand_for(r, key, sizeof key, number, &f->function);
}

/* Frames at different places in one function are represented by the first of them. */
static bool find_function(struct report *r, uint32_t number)
{
    struct report_frame *f = &r->frames[number];
    const char *plus = strrchr(f->text, '+');
    return plus ? stand_for(r, f->text, (size_t)(plus - f->text), number, &f->function) : find_place(r, number);
}

/* Gives a frame its text. */
static bool describe(struct report *r, uint32_t number)
{
    struct report_frame *f = &r->frames[number];
    struct text t = {0};
    struct text symbol = {0};
    const struct ledger_image *image = ledger_image(r->ledger, f->frame.image);
    if (f->text)
        return true;
    if (!f->frame.image) {
        text_addf(&t, "%s 0x%llx", f->frame.kernel ? "kernel" : "generated code", (unsigned long long)f->frame.offset);
    } else {
        const struct symbolizer *s = r->symbolizer;
        const struct symbol_ask ask = report_frame_ask(r, &f->frame);
        report_add_clean(&t, module_file_name(ledger_name(r->ledger, image->name)));
        if (s && s->name(s->ctx, &ask, &symbol) && symbol.len) {
            text_add(&t, "!");
            report_add_clean(&t, text_str(&symbol));
        } else {
            text_addf(&t, "+0x%llx", (unsigned long long)f->frame.offset);
        }
    }
    bool ok = !t.failed && !symbol.failed;
    f->text = ok ? text_copy(text_str(&t)) : NULL;
    f->symbol = f->text && symbol.len ? text_copy(text_str(&symbol)) : NULL;
    ok = f->text && (!symbol.len || (f->symbol && find_function(r, number)));
    text_free(&t);
    text_free(&symbol);
    return ok;
}

/* Most frames are never shown: they get no text. */
static bool put_frame(struct report *r, const struct ledger_frame *frame, uint32_t *number)
{
    if ((uint64_t)r->frame_count * 2 >= r->frame_slot_count && !rehash(r))
        return false;
    uint32_t at = hash_frame(frame) & (r->frame_slot_count - 1);
    for (; r->frame_slots[at]; at = (at + 1) & (r->frame_slot_count - 1)) {
        const struct ledger_frame *f = &r->frames[r->frame_slots[at] - 1].frame;
        if (f->offset == frame->offset && f->image == frame->image && f->kernel == frame->kernel) {
            *number = r->frame_slots[at] - 1;
            return true;
        }
    }
    if (!grow_list(&r->frames, &r->frame_room, r->frame_count + 1, sizeof *r->frames))
        return false;
    struct report_frame *f = &r->frames[r->frame_count];
    *f = (struct report_frame){.frame = *frame};
    if (!is_system(r, &f->frame, &f->system) || !find_place(r, r->frame_count))
        return false;
    *number = r->frame_count++;
    r->frame_slots[at] = r->frame_count;
    return true;
}

bool report_name_frame(struct report *r, uint32_t frame, const char *symbol)
{
    struct report_frame *f = &r->frames[frame];
    struct text t = {0};
    report_add_clean(&t, module_file_name(ledger_name(r->ledger, ledger_image(r->ledger, f->frame.image)->name)));
    text_add(&t, "!");
    report_add_clean(&t, symbol);
    char *text = t.failed ? NULL : text_copy(text_str(&t));
    char *copy = text ? text_copy(symbol) : NULL;
    text_free(&t);
    if (!copy) {
        free(text);
        return false;
    }
    free(f->text);
    free(f->symbol);
    f->text = text;
    f->symbol = copy;
    return find_function(r, frame);
}

bool report_stack_frames(struct report *r, uint32_t stack, uint32_t *frames, uint32_t *count)
{
    const struct ledger_frame *list = ledger_stack(r->ledger, stack, count);
    for (uint32_t i = 0; i < *count; i++)
        if (!put_frame(r, &list[i], &frames[i]) || !describe(r, frames[i]))
            return false;
    return true;
}

/* Frames that are passed over get no text: looking their names up could take the time that the others need. */
bool report_leading_frame(struct report *r, uint32_t stack, uint32_t *frame)
{
    uint32_t count = 0;
    uint32_t at = 0;
    const struct ledger_frame *list = ledger_stack(r->ledger, stack, &count);
    *frame = UINT32_MAX;
    if (!count)
        return true;
    for (bool system = true; at + 1 < count; at++) {
        if (!is_system(r, &list[at], &system))
            return false;
        if (!system)
            break;
    }
    if (!put_frame(r, &list[at], frame) || (r->symbolizer && !describe(r, *frame)))
        return false;
    *frame = r->frames[*frame].function;
    return true;
}

const char *report_group_title(struct report *r, const struct report_group *g)
{
    if (g->frame == UINT32_MAX)
        return "(no stack)";
    return describe(r, g->frame) ? r->frames[g->frame].text : NULL;
}
