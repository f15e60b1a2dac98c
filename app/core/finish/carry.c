/* Finds out what is open, then takes over the records that tell of it. */
#include "core/finish/carry.h"

#include "core/etl/hooks.h"
#include "core/etl/merge_inside.h"
#include "core/finish/spaces.h"
#include "core/ledger/grow.h"
#include "core/ledger/timeline.h"

#include <stdlib.h>
#include <string.h>

#define ASK_EVERY 16384u /* events */
#define TYPES     0x10000u
#define PASSES    3u /* the ledger's, the records', the proof (and one more where stacks are cached) */

/* A handle that is open at the end. */
struct opened {
    int64_t time;
    uint64_t object;
    uint32_t handle;
    uint32_t tid;
    bool taken;
};

/* A use of a stack key by such a handle's event: its frames are told later. */
struct key_use {
    uint64_t key;
    int64_t time;
    uint32_t pid;
    bool defined;
    uint8_t pointer_size;
    uint32_t frame_count;
    uint64_t first_frame; /* of the list of frames */
};

struct carry {
    const struct carry_options *o;
    struct text part;
    uint64_t bytes; /* of the inputs */
    unsigned pass;
    int64_t second;
    struct opened *opened; /* by time */
    uint32_t opened_count;
    uint32_t opened_room;
    bool no_memory;
    struct kept_list kept;
    struct spaces *spaces;
    uint8_t *types; /* taken already, a bit each */
    struct key_use *keys;
    uint32_t key_count;
    uint32_t key_room;
    uint32_t next_key; /* in the pass that serves them */
    uint64_t *frames;
    uint32_t frame_count;
    uint32_t frame_room;
    uint64_t stacks;
    struct etl_writer_end end;
    struct merge_warned warned;
    struct etl_written written;
};

static bool short_of_memory(struct err *err)
{
    return err_set(err, ERR_NO_MEMORY, "Carrying open handles forward");
}

static bool go_on(void *ctx, uint64_t done, uint64_t total)
{
    const struct carry *c = ctx;
    double part = total ? (double)done / (double)total : 1;
    return !c->o->go_on ||
           c->o->go_on(c->o->ctx, c->pass * c->bytes + (uint64_t)(part * (double)c->bytes), PASSES * c->bytes);
}

static bool take_life(struct carry *c, const struct ledger_life *life)
{
    if (life->end != LEDGER_OPEN || life->how == LEDGER_PREEXISTING)
        return true;
    c->no_memory = !grow_array(&c->opened, &c->opened_room, c->opened_count + 1, sizeof *c->opened);
    if (c->no_memory)
        return false;
    c->opened[c->opened_count++] =
        (struct opened){.time = life->opened, .object = life->object, .handle = life->handle, .tid = life->tid};
    return true;
}

static bool take_lives(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!take_life(ctx, &lives[i]))
            return false;
    return true;
}

static int by_opening(const void *left, const void *right)
{
    const struct opened *a = left;
    const struct opened *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->handle != b->handle)
        return a->handle < b->handle ? -1 : 1;
    return a->object < b->object ? -1 : a->object > b->object;
}

/* The first pass: which handles are open. */
static bool find_open(struct carry *c, struct err *err)
{
    const char *files[MERGE_FILES_MAX];
    for (unsigned i = 0; i < c->o->input_count; i++)
        files[i] = c->o->inputs[i].path;
    struct timeline_options t = {.files = files,
                                 .file_count = c->o->input_count,
                                 .sink = {.ctx = c, .lives = take_lives, .no_frames = true},
                                 .go_on = go_on,
                                 .go_on_ctx = c};
    struct timeline_facts facts;
    struct ledger *l = NULL;
    struct err reason = {0};
    if (!timeline_read(&t, &l, &facts, &reason)) {
        if (c->no_memory)
            return short_of_memory(err);
        if (err && err->code == ERR_NONE)
            *err = reason;
        return false;
    }
    ledger_close(l);
    uint64_t second = etl_ticks_per_second(&facts.header);
    c->second = second < INT64_MAX / 64 ? (int64_t)second : INT64_MAX / 64;
    if (c->opened_count)
        qsort(c->opened, c->opened_count, sizeof *c->opened, by_opening);
    return true;
}

/* The first handle that was opened at this time; NULL: none. */
static struct opened *opened_at(const struct carry *c, int64_t time)
{
    uint32_t low = 0;
    uint32_t high = c->opened_count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (c->opened[mid].time < time)
            low = mid + 1;
        else
            high = mid;
    }
    return low < c->opened_count && c->opened[low].time == time ? &c->opened[low] : NULL;
}

static const struct opened *end_of(const struct carry *c)
{
    return c->opened + c->opened_count;
}

static bool take_handle(struct carry *c, const struct etl_record *r, uint64_t number)
{
    struct opened *x = opened_at(c, r->time);
    struct etl_handle_event e;
    if (!x || !etl_handle_event(r, &e) || (e.action != ETL_HANDLE_CREATE && e.action != ETL_HANDLE_DUPLICATE))
        return true;
    for (; x != end_of(c) && x->time == r->time; x++)
        if (!x->taken && x->object == e.object && x->handle == (e.handle & ~3u)) {
            x->taken = true;
            return kept_put_event(&c->kept, r, number) && spaces_need_process(c->spaces, e.pid, r->time) &&
                   spaces_need_process(c->spaces, r->pid, r->time) &&
                   spaces_need_process(c->spaces, e.source_pid, r->time);
        }
    return true;
}

static bool is_kernel(uint64_t address, uint8_t pointer_size)
{
    return pointer_size == 8 ? address >> 63 : address >= 0x80000000u;
}

static bool need_frames(struct carry *c, const struct etl_stack_event *e)
{
    for (size_t i = 0; i < e->frame_count && i < STACK_FRAMES_MAX; i++) {
        uint64_t a = etl_frame(e->frames, e->pointer_size, i);
        if (a && !spaces_need_module(c->spaces, e->pid, is_kernel(a, e->pointer_size), a, e->time))
            return false;
    }
    return true;
}

static bool use_key(struct carry *c, const struct etl_stack_event *e)
{
    /* As the ledger has it, the first use of a key by a process speaks for the others. */
    for (uint32_t i = c->key_count; i-- > 0;)
        if (!c->keys[i].defined && c->keys[i].key == e->key && c->keys[i].pid == e->pid)
            return true;
    if (!grow_array(&c->keys, &c->key_room, c->key_count + 1, sizeof *c->keys))
        return false;
    c->keys[c->key_count++] = (struct key_use){.key = e->key, .time = e->time, .pid = e->pid};
    return true;
}

static bool take_stack(struct carry *c, const struct etl_record *r, const struct etl_stack_event *e, uint64_t number)
{
    const struct opened *x = opened_at(c, e->time);
    for (; x && x != end_of(c) && x->time == e->time; x++)
        if (x->tid == e->tid) {
            c->stacks++;
            return kept_put_event(&c->kept, r, number) && spaces_need_process(c->spaces, e->pid, e->time) &&
                   (e->by_key ? use_key(c, e) : need_frames(c, e));
        }
    return true;
}

/* The frames of a key, for all its uses since it was told last. */
static bool take_key(struct carry *c, const struct etl_record *r, const struct etl_stack_key_event *e, uint64_t number)
{
    bool used = false;
    uint32_t count = e->frame_count < STACK_FRAMES_MAX ? (uint32_t)e->frame_count : STACK_FRAMES_MAX;
    uint32_t first = c->frame_count;
    for (uint32_t i = 0; i < c->key_count; i++) {
        struct key_use *k = &c->keys[i];
        if (k->defined || k->key != e->key)
            continue;
        used = true;
        k->defined = true;
        k->pointer_size = e->pointer_size;
        k->first_frame = first;
        k->frame_count = count;
    }
    if (!used)
        return true;
    if (!grow_array(&c->frames, &c->frame_room, c->frame_count + count, sizeof *c->frames))
        return false;
    for (uint32_t i = 0; i < count; i++)
        c->frames[c->frame_count++] = etl_frame(e->frames, e->pointer_size, i);
    return kept_put_event(&c->kept, r, number);
}

static bool take_type(struct carry *c, const struct etl_record *r, const struct etl_type_event *e, uint64_t number)
{
    uint8_t bit = (uint8_t)(1u << e->type % 8);
    if (c->types[e->type / 8] & bit)
        return true;
    c->types[e->type / 8] |= bit;
    return kept_put_event(&c->kept, r, number);
}

static bool take(struct carry *c, const struct etl_record *r, uint64_t number)
{
    struct etl_stack_event stack;
    struct etl_stack_key_event key;
    struct etl_type_event type;
    if (!spaces_feed(c->spaces, r, number))
        return false;
    if (r->hook == HOOK_MARK)
        return kept_put_event(&c->kept, r, number);
    unsigned group = r->hook >> 8;
    if (group == 0x18 && etl_stack_event(r, &stack))
        return take_stack(c, r, &stack, number);
    if (group == 0x18 && etl_stack_key_event(r, &key))
        return take_key(c, r, &key, number);
    if (group != 0x11)
        return true;
    if (etl_type_event(r, &type))
        return take_type(c, r, &type, number);
    return take_handle(c, r, number);
}

static bool serve_keys(struct carry *c, int64_t time)
{
    for (; c->next_key < c->key_count && c->keys[c->next_key].time < time; c->next_key++) {
        const struct key_use *k = &c->keys[c->next_key];
        for (uint32_t i = 0; i < k->frame_count; i++) {
            uint64_t a = c->frames[k->first_frame + i];
            if (a && !spaces_need_module(c->spaces, k->pid, is_kernel(a, k->pointer_size), a, k->time))
                return false;
        }
    }
    return true;
}

/* Where stacks are cached, which modules their frames need is known only now. */
static bool take_again(struct carry *c, const struct etl_record *r, uint64_t number)
{
    return serve_keys(c, r->time) && spaces_feed(c->spaces, r, number);
}

static bool follow(struct carry *c, struct etl_union *in,
                   bool (*each)(struct carry *c, const struct etl_record *r, uint64_t number), struct err *err)
{
    const struct etl_record *r = NULL;
    enum etl_step step = ETL_STEP_OK;
    uint64_t number = 0;
    spaces_close(c->spaces);
    if (!spaces_open(&c->kept, c->second, &c->spaces))
        return short_of_memory(err);
    while ((step = etl_union_next(in, &r, err)) == ETL_STEP_OK) {
        if (++number % ASK_EVERY == 0 && !go_on(c, etl_union_facts(in)->bytes_read, c->bytes))
            return err_set(err, ERR_CANCELLED, "Carrying open handles forward");
        if (!r->malformed && !each(c, r, number))
            return short_of_memory(err);
    }
    return step == ETL_STEP_END;
}

static int by_use(const void *left, const void *right)
{
    const struct key_use *a = left;
    const struct key_use *b = right;
    return a->time < b->time ? -1 : a->time > b->time;
}

/* All that the inputs tell of the open handles goes to the list; the union is at its end then. */
static bool gather(struct carry *c, struct etl_union *in, struct err *err)
{
    struct etl_union *again = NULL;
    c->pass = 1;
    c->types = calloc(TYPES / 8, 1);
    if (!c->types)
        return short_of_memory(err);
    if (!follow(c, in, take, err))
        return false;
    if (!c->key_count)
        return true;
    qsort(c->keys, c->key_count, sizeof *c->keys, by_use);
    bool ok = merge_open_inputs(c->o->inputs, c->o->input_count, &again, err) && follow(c, again, take_again, err) &&
              (serve_keys(c, INT64_MAX) || short_of_memory(err));
    etl_union_close(again);
    return ok;
}

/* What the ledger says is open must have been found: else nothing may be deleted for it. */
static bool check_taken(const struct carry *c, struct err *err)
{
    for (uint32_t i = 0; i < c->opened_count; i++)
        if (!c->opened[i].taken) {
            err_set(err, ERR_MISMATCH, "Carrying forward handle 0x%x, whose event was not found again",
                    c->opened[i].handle);
            return err_remedy(err, "Keep the segments.");
        }
    return true;
}

static bool write_part(struct carry *c, struct err *err)
{
    struct etl_union *in = NULL;
    struct etl_writer *out = NULL;
    if (!merge_open_inputs(c->o->inputs, c->o->input_count, &in, err))
        return false;
    bool ok = gather(c, in, err) && check_taken(c, err);
    if (ok) {
        kept_sort(&c->kept);
        merge_sum_up(in, c->o->inputs, c->o->input_count, &c->end, &c->warned);
        c->end.origin.flags |= ETL_ORIGIN_CARRIED;
        uint32_t size = (c->kept.largest + ETL_BUFFER_HEADER + 0xFFFu) & ~0xFFFu;
        ok = merge_open_output(in, text_str(&c->part), size, &out, err);
    }
    for (uint32_t i = 0; ok && i < c->kept.count; i++) {
        const struct kept_item *k = &c->kept.list[i];
        ok = etl_writer_put(out, k->processor, k->time, c->kept.bytes + k->at, k->size, err);
    }
    etl_union_close(in);
    if (!ok) {
        etl_writer_abandon(out);
        return false;
    }
    return etl_writer_close(out, &c->end, &c->written, err);
}

static bool prove(struct carry *c, struct etl_verify_result *v, struct err *err)
{
    c->pass = PASSES - 1;
    if (!merge_prove(text_str(&c->part), &c->written, go_on, c, v, err))
        return false;
    uint64_t found = v->creates + v->duplicates;
    if (found == c->opened_count)
        return true;
    err_set(err, ERR_MISMATCH, "Checking what was carried forward: %u open handles, and %llu events that opened them",
            c->opened_count, (unsigned long long)found);
    return err_remedy(err, "Keep the segments.");
}

static bool sum_bytes(struct carry *c, struct err *err)
{
    struct etl_union *in = NULL;
    if (!merge_open_inputs(c->o->inputs, c->o->input_count, &in, err))
        return false;
    c->bytes = etl_union_facts(in)->bytes;
    etl_union_close(in);
    return true;
}

bool carry_forward(const struct carry_options *options, struct carry_result *out, struct err *err)
{
    struct carry c = {.o = options};
    struct etl_verify_result v = {0};
    bool ok = merge_check(options->inputs, options->input_count, options->output, options->replace, &c.part, err) &&
              sum_bytes(&c, err) && find_open(&c, err);
    bool written = ok && write_part(&c, err);
    ok = written && prove(&c, &v, err) && file_rename(text_str(&c.part), options->output, options->replace, err);
    if (written && !ok)
        file_delete(text_str(&c.part), NULL);
    if (ok)
        *out = (struct carry_result){.warnings = c.warned.warnings,
                                     .first_warned = c.warned.first,
                                     .handles = c.opened_count,
                                     .stacks = c.stacks,
                                     .bytes = v.bytes};
    spaces_close(c.spaces);
    kept_list_free(&c.kept);
    free(c.opened);
    free(c.types);
    free(c.keys);
    free(c.frames);
    text_free(&c.part);
    return ok;
}
