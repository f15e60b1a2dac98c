/* Fuzzes the ledger and what reads it: records made from the input straight into the ledger, or the input as a trace
 * file (also twice, as two files) through report and dump in every form. What must always hold is checked. */
#include "fuzz/memory_file.h"

#include "core/etl/hooks.h"
#include "core/ledger/feed_add.h"
#include "core/ledger/ledger_inside.h"
#include "core/report/dump.h"
#include "core/report/judge.h"
#include "core/report/report_write.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok)
        abort();
}

struct input {
    const uint8_t *at;
    size_t left;
};

static uint8_t take(struct input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->at++;
}

#define TOLD_MAX 1024u

struct told {
    struct life_counts counts;
    uint32_t stacks[TOLD_MAX];
    uint32_t stack_count;
};

static void count_life(struct told *t, const struct ledger_life *life)
{
    if (t->stack_count + 2 <= TOLD_MAX) {
        t->stacks[t->stack_count++] = life->stack;
        t->stacks[t->stack_count++] = life->close_stack;
    }
    check(life->how <= LEDGER_PREEXISTING && life->end <= LEDGER_LOST_CLOSE && life->name);
    check((life->end == LEDGER_OPEN) == (life->closed == INT64_MAX) || life->end != LEDGER_OPEN);
    life_counts_take(&t->counts, life);
}

static bool count_lives(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    check(count && count <= LEDGER_LIVES);
    for (uint32_t i = 0; i < count; i++)
        count_life(ctx, &lives[i]);
    return true;
}

static bool renumber(void *ctx, const uint32_t *numbers, uint32_t count)
{
    struct told *t = ctx;
    for (uint32_t i = 0; i < t->stack_count; i++)
        check((t->stacks[i] & ~STACK_USER) < count);
    for (uint32_t i = 0; i < t->stack_count; i++)
        t->stacks[i] = stacks_renumbered(numbers, t->stacks[i]);
    return true;
}

static bool ignore_event(void *ctx, const struct ledger_event *e)
{
    (void)ctx;
    check(e->name != NULL);
    return true;
}

static void read_stacks(const struct ledger *l, const struct told *t, uint32_t *counts)
{
    for (uint32_t i = 0; i < t->stack_count; i++) {
        const struct ledger_frame *f = ledger_stack(l, t->stacks[i], &counts[i]);
        for (uint32_t k = 0; k < counts[i]; k++)
            check(ledger_name(l, ledger_image(l, f[k].image)->name) != NULL);
    }
}

static void feed_block(struct ledger *l, struct feed_block *b)
{
    struct err err = {0};
    check(ledger_feed_block(l, b, &err));
    feed_block_clear(b);
}

/* As a reading thread does, while another ledger gets each record alone. */
static void feed_by_block(struct ledger *l, struct feed_block *b, struct feed *f, const struct etl_record *r)
{
    enum feed_result result = feed_block_add(b, f, r);
    if (result == FEED_FULL) {
        feed_block(l, b);
        result = feed_block_add(b, f, r);
    }
    check(result == FEED_ITEM || result == FEED_NOTHING);
}

enum way { WAY_PLAIN, WAY_RENUMBERED, WAY_FRAMELESS, WAY_COUNT };

static struct ledger *open_ledger(struct ledger_options o, enum way way, struct told *t)
{
    struct ledger *l = NULL;
    struct err err = {0};
    o.sink.ctx = t;
    o.sink.renumber = way == WAY_RENUMBERED ? renumber : NULL;
    o.sink.no_frames = way == WAY_FRAMELESS;
    check(ledger_open(&o, &l, &err));
    l->stacks.tidy_min = 1;
    return l;
}

/* The same comes of the records whether stacks get new numbers on the way or not, and of lives also without frames. */
static void compare(struct ledger *const *l, const struct told *told, uint32_t fed)
{
    uint32_t frames[WAY_COUNT][TOLD_MAX];
    const struct life_counts *c = &told[0].counts;
    check(c->preexisting + c->created + c->duplicated - c->closed == c->open);
    check(c->created + c->duplicated <= fed && c->leaked <= c->open);
    for (int way = 0; way < WAY_COUNT; way++) {
        check(!memcmp(c, &told[way].counts, sizeof *c));
        check(told[way].stack_count == told[0].stack_count);
        read_stacks(l[way], &told[way], frames[way]);
    }
    check(!memcmp(frames[WAY_PLAIN], frames[WAY_RENUMBERED], told[0].stack_count * sizeof frames[0][0]));
}

/* Each record: hook, form, time step, ids, length of payload, payload. */
static void records(struct input *in)
{
    static const uint16_t hooks[] = {
        HOOK_CREATE_HANDLE, HOOK_CLOSE_HANDLE,     HOOK_DUPLICATE_HANDLE, HOOK_HANDLE_DCEND,     HOOK_TYPE_DCEND,
        HOOK_STACK,         HOOK_STACK_KEY_KERNEL, HOOK_STACK_KEY_USER,   HOOK_STACK_KEY_DELETE, HOOK_STACK_KEY_RUNDOWN,
        HOOK_PROCESS_START, HOOK_PROCESS_END,      HOOK_PROCESS_DCSTART,  HOOK_PROCESS_DEFUNCT,  HOOK_PROCESS_TERMINATE,
        HOOK_IMAGE_LOAD,    HOOK_IMAGE_UNLOAD,     HOOK_IMAGE_DCEND};
    static const uint8_t types[] = {ETL_SYSTEM32,  ETL_SYSTEM64,   ETL_COMPACT32,
                                    ETL_COMPACT64, ETL_PERFINFO32, ETL_PERFINFO64};
    struct told told[WAY_COUNT] = {{.stack_count = 0}};
    struct ledger *l[WAY_COUNT];
    const struct ledger_options o = {.sink = {.lives = count_lives, .event = ignore_event, .names = take(in) & 1},
                                     .second = 10000000,
                                     .lossy = take(in) & 1,
                                     .ring = take(in) & 1};
    static struct feed_block block;
    struct feed feed = {.names = o.sink.names};
    struct err err = {0};
    int64_t time = 1000;
    uint32_t fed = 0;
    for (int way = 0; way < WAY_COUNT; way++)
        l[way] = open_ledger(o, (enum way)way, &told[way]);
    while (in->left) {
        uint8_t payload[256];
        uint8_t hook = take(in);
        uint8_t form = take(in) % 6;
        int8_t move = (int8_t)take(in);
        uint8_t ids = take(in);
        uint8_t length = take(in);
        time += move;
        for (unsigned i = 0; i < length; i++)
            payload[i] = take(in);
        uint8_t *exact = malloc(length ? length : 1);
        check(exact != NULL);
        memcpy(exact, payload, length);
        struct etl_record r = {.kind = ETL_KERNEL,
                               .header_type = types[form],
                               .pointer_size = form & 1 ? 8 : 4,
                               .version = hook >> 5 & 3,
                               .hook = hooks[hook % (sizeof hooks / sizeof hooks[0])],
                               .processor = ids >> 6,
                               .pid = form < 4 ? ids & 7u : ETL_UNKNOWN_ID,
                               .tid = form < 4 ? ids >> 3 & 7u : ETL_UNKNOWN_ID,
                               .time = time,
                               .payload = exact,
                               .payload_size = length};
        feed_by_block(l[WAY_PLAIN], &block, &feed, &r);
        check(ledger_feed(l[WAY_RENUMBERED], &r, &err) && ledger_feed(l[WAY_FRAMELESS], &r, &err));
        free(exact);
        fed++;
    }
    feed_block(l[WAY_PLAIN], &block);
    text_free(&feed.scratch);
    for (int way = 0; way < WAY_COUNT; way++)
        check(ledger_finish(l[way], &err));
    compare(l, told, fed);
    for (int way = 0; way < WAY_COUNT; way++)
        ledger_close(l[way]);
}

static bool take_text(void *ctx, const char *bytes, size_t size)
{
    text_add_n(ctx, bytes, size);
    return true;
}

static void balanced(const struct life_counts *c)
{
    check(c->preexisting + c->created + c->duplicated - c->closed == c->open);
}

static void file(struct input *in)
{
    static const char *const names[] = {"a.etl", "b.etl"};
    uint8_t how = take(in);
    struct report_options o = {.format = (enum report_format)(how & 3),
                               .totals = (enum report_totals)(how >> 2 & 1),
                               .leaks = how >> 3 & 1,
                               .stacks = how >> 4 & 1,
                               .json = how & 1};
    struct report_source source = {.files = names, .file_count = 1 + (how >> 5 & 1)};
    struct report *r = NULL;
    struct text t = {0};
    struct report_out out = {.write = take_text, .ctx = &t};
    struct err err = {0};
    memory_file_set(in->at, in->left);
    if (!report_read(&source, &o, &r, &err)) {
        check(err.code == ERR_FORMAT || err.code == ERR_TRUNCATED || err.code == ERR_RANGE || err.code == ERR_ARGUMENT);
        return;
    }
    balanced(&r->sum);
    for (uint32_t i = 0; i < r->total_count; i++)
        balanced(&r->totals[i].counts);
    for (uint32_t i = 0; i < r->group_count; i++)
        balanced(&r->groups[i].counts);
    check(r->leak_count == (o.leaks || o.format == REPORT_JSON ? r->sum.leaked : 0));
    check(report_write(r, &out));
    if (o.format == REPORT_HTML || o.format == REPORT_JSON)
        check(text_is_utf8(text_str(&t), t.len));
    report_free(r);
    text_clear(&t);
    out = (struct report_out){.write = take_text, .ctx = &t};
    bool damaged = false;
    check(dump_write(&source, &o, &out, &damaged, &err));
    text_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    if (take(&in) & 1)
        records(&in);
    else
        file(&in);
    return 0;
}
