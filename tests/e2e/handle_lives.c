/* Test tool: prints every handle's life in a trace as JSON lines, read with the product's own reader.
 *
 * usage: handle_lives FILE [IMAGE]    IMAGE: only lives with a frame in a module of this name, and a last line that
 *                                     counts the others
 * A line: {"pid","handle","type","how","time","closed","frames":[{"module","offset"}]}; how is create, duplicate,
 * inherit or listed; times are raw; closed is null for a handle that stays open; frames are those of its opening. */
#include "core/base/json.h"
#include "core/etl/handle_events.h"
#include "core/etl/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct image {
    uint32_t pid;
    uint64_t base;
    uint64_t size;
    char name[64]; /* without folders */
};

struct stack {
    int64_t time;
    uint32_t pid;
    uint32_t tid;
    uint32_t order; /* kernel part before user part */
    size_t first;   /* into frames */
    size_t count;
};

struct life {
    uint32_t pid;
    uint32_t handle;
    uint64_t object;
    uint16_t type;
    const char *how;
    int64_t time;
    int64_t closed;
    bool open;
    uint32_t tid;
};

static struct image *images;
static size_t image_count;
static struct stack *stacks;
static size_t stack_count;
static uint64_t *frames;
static size_t frame_count;
static struct life *lives;
static size_t life_count;
static char type_names[0x10000][40];
static unsigned closes_without_open;

static void *grow(void *array, size_t count, size_t size)
{
    /* Doubles at each power of two. */
    if (count & (count - 1))
        return array;
    void *p = realloc(array, (count ? count * 2 : 1) * size);
    if (!p) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return p;
}

static void add_image(const struct etl_image_event *e)
{
    struct text path = {0};
    text_add_utf16le(&path, e->name.bytes, e->name.units, true);
    const char *name = text_str(&path);
    for (const char *p = name; *p; p++)
        if (*p == '\\' || *p == '/')
            name = p + 1;
    images = grow(images, image_count, sizeof *images);
    struct image *i = &images[image_count++];
    *i = (struct image){.pid = e->pid, .base = e->base, .size = e->size};
    text_put(i->name, sizeof i->name, name);
    text_free(&path);
}

static void add_stack(const struct etl_stack_event *e)
{
    stacks = grow(stacks, stack_count, sizeof *stacks);
    stacks[stack_count] = (struct stack){
        .time = e->time, .pid = e->pid, .tid = e->tid, .order = (uint32_t)stack_count, .first = frame_count};
    for (size_t i = 0; i < e->frame_count; i++) {
        frames = grow(frames, frame_count, sizeof *frames);
        frames[frame_count++] = etl_frame(e->frames, e->pointer_size, i);
    }
    stacks[stack_count++].count = e->frame_count;
}

static int by_time(const void *a, const void *b)
{
    const struct stack *x = a;
    const struct stack *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* The first stack of this time; the others follow it. */
static size_t find_stack(int64_t time)
{
    size_t low = 0;
    size_t high = stack_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (stacks[mid].time < time)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool gather(void *ctx, const struct etl_record *r)
{
    (void)ctx;
    struct etl_image_event image;
    struct etl_stack_event stack;
    struct etl_type_event type;
    if (etl_image_event(r, &image)) {
        if (image.life != ETL_LIFE_END)
            add_image(&image);
    } else if (etl_stack_event(r, &stack) && !stack.by_key) {
        add_stack(&stack);
    } else if (etl_type_event(r, &type)) {
        struct text name = {0};
        text_add_utf16le(&name, type.name.bytes, type.name.units, true);
        text_put(type_names[type.type], sizeof type_names[0], text_str(&name));
        text_free(&name);
    }
    return true;
}

static void add_life(const struct etl_handle_event *e, const char *how, int64_t time)
{
    lives = grow(lives, life_count, sizeof *lives);
    lives[life_count++] = (struct life){.pid = e->pid,
                                        .handle = e->handle,
                                        .object = e->object,
                                        .type = e->type,
                                        .how = how,
                                        .time = time,
                                        .open = true,
                                        .tid = e->tid};
}

/* The oldest open life that fits: by owner and object; a header without ids (PERFINFO) by handle and object. */
static struct life *find_open(const struct etl_handle_event *e)
{
    for (size_t i = 0; i < life_count; i++) {
        struct life *l = &lives[i];
        if (l->open && l->handle == e->handle && l->object == e->object &&
            (e->pid == ETL_UNKNOWN_ID || l->pid == ETL_UNKNOWN_ID || l->pid == e->pid))
            return l;
    }
    return NULL;
}

static void follow(const struct etl_record *r)
{
    struct etl_handle_event e;
    if (!etl_handle_event(r, &e))
        return;
    size_t s = find_stack(r->time);
    if (e.tid == ETL_UNKNOWN_ID && e.action != ETL_HANDLE_LISTED && s < stack_count && stacks[s].time == r->time) {
        e.tid = stacks[s].tid;
        if (e.pid == ETL_UNKNOWN_ID)
            e.pid = stacks[s].pid;
    }
    struct life *l = NULL;
    switch (e.action) {
    case ETL_HANDLE_CREATE:
        add_life(&e, "create", r->time);
        break;
    case ETL_HANDLE_DUPLICATE:
        add_life(&e, e.source_handle == e.handle && e.source_pid != e.pid ? "inherit" : "duplicate", r->time);
        break;
    case ETL_HANDLE_CLOSE:
        l = find_open(&e);
        if (!l) {
            closes_without_open++;
            break;
        }
        l->open = false;
        l->closed = r->time;
        break;
    case ETL_HANDLE_LISTED:
        if (!find_open(&e))
            add_life(&e, "listed", r->time);
        break;
    }
}

static const struct image *image_of(uint32_t pid, uint64_t address)
{
    for (size_t i = 0; i < image_count; i++)
        if ((images[i].pid == pid || images[i].pid == 0) && address - images[i].base < images[i].size)
            return &images[i];
    return NULL;
}

/* Prints one life, or counts it when `only` is given and no frame is in it. */
static bool print_life(const struct life *l, const char *only, struct text *out)
{
    struct json j = {.out = out};
    text_clear(out);
    json_object(&j, NULL);
    json_u64(&j, "pid", l->pid);
    json_u64(&j, "handle", l->handle);
    json_string(&j, "type", type_names[l->type]);
    json_string(&j, "how", l->how);
    json_i64(&j, "time", l->time);
    if (l->open)
        json_null(&j, "closed");
    else
        json_i64(&j, "closed", l->closed);
    json_array(&j, "frames");
    bool wanted = !only;
    for (size_t s = find_stack(l->time); s < stack_count && stacks[s].time == l->time; s++) {
        if (l->tid != ETL_UNKNOWN_ID && stacks[s].tid != l->tid)
            continue;
        for (size_t i = 0; i < stacks[s].count; i++) {
            uint64_t address = frames[stacks[s].first + i];
            const struct image *image = image_of(stacks[s].pid, address);
            json_object(&j, NULL);
            json_string(&j, "module", image ? image->name : NULL);
            json_u64(&j, "offset", image ? address - image->base : address);
            json_end_object(&j);
            wanted = wanted || (image && text_casecmp(image->name, only) == 0);
        }
    }
    json_end_array(&j);
    json_end_object(&j);
    if (wanted)
        puts(text_str(out));
    return wanted;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct etl_trace *t = NULL;
    const struct etl_record *r = NULL;
    char line[600];
    if (argc < 2 || argc > 3) {
        fputs("usage: handle_lives FILE [IMAGE]\n", stderr);
        return 2;
    }
    bool ok = etl_open(argv[1], &t, &err) && etl_scan(t, gather, NULL, &err);
    etl_close(t);
    t = NULL;
    if (stack_count)
        qsort(stacks, stack_count, sizeof *stacks, by_time);
    ok = ok && etl_open(argv[1], &t, &err);
    enum etl_step step = ETL_STEP_OK;
    while (ok && (step = etl_next(t, &r, &err)) == ETL_STEP_OK)
        follow(r);
    ok = ok && step != ETL_STEP_FAILED;
    etl_close(t);
    if (!ok) {
        err_format(&err, line, sizeof line);
        fprintf(stderr, "%s\n", line);
        return 1;
    }
    struct text out = {0};
    uint64_t others = 0;
    for (size_t i = 0; i < life_count; i++)
        others += print_life(&lives[i], argc == 3 ? argv[2] : NULL, &out) ? 0 : 1;
    printf("{\"others\":%" PRIu64 ",\"closesWithoutOpen\":%u}\n", others, closes_without_open);
    text_free(&out);
    free(images);
    free(stacks);
    free(frames);
    free(lives);
    return 0;
}
