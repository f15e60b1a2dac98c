/* Takes a trace's records apart: what they say of processes and modules holds at once, what they say of handles waits
 * for its stack. */
#include "core/ledger/ledger_inside.h"

#include "core/base/memory.h"
#include "core/etl/hooks.h"
#include "core/etl/image_identity.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

static bool no_memory(struct ledger *l, struct err *err)
{
    if (l->stopped)
        return err_set(err, ERR_CANCELLED, "Reading the trace");
    return err_set(err, ERR_NO_MEMORY, "Following the handles of a trace");
}

bool ledger_open(const struct ledger_options *options, struct ledger **out, struct err *err)
{
    struct ledger *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(err, ERR_NO_MEMORY, "Following the handles of a trace");
    l->sink = options->sink;
    l->second = options->second > 0 ? options->second : 10000000;
    l->lossy = options->lossy;
    l->ring = options->ring;
    l->ring_since = INT64_MAX;
    l->feed.names = options->sink.names;
    l->feed.no_frames = options->sink.no_frames;
    l->type_names = calloc(TYPES, sizeof *l->type_names);
    l->covered = calloc(TYPES / 8, 1);
    if (!l->type_names || !l->covered || !processes_start(&l->processes) ||
        !stacks_start(&l->stacks, &l->names, &l->processes)) {
        ledger_close(l);
        return err_set(err, ERR_NO_MEMORY, "Following the handles of a trace");
    }
    *out = l;
    return true;
}

void ledger_close(struct ledger *l)
{
    if (!l)
        return;
    for (uint32_t i = 0; i < l->ends_room; i++) {
        for (uint32_t k = 0; k < l->ends[i].run_count; k++)
            free(l->ends[i].run[k].name);
        free(l->ends[i].run);
    }
    for (uint32_t i = 0; i < l->early_count; i++)
        free(l->early[i].name);
    free(l->ends);
    free(l->type_names);
    free(l->covered);
    text_free(&l->feed.scratch);
    delay_free(&l->delay);
    lives_free(&l->lives);
    stacks_free(&l->stacks);
    processes_free(&l->processes);
    image_list_free(&l->images);
    names_free(&l->names);
    names_free(&l->objects);
    free(l);
}

/* Where the next event is to be written; NULL for want of memory, or the sink stopped. */
static inline struct delayed *next_event(struct ledger *l)
{
    if (!delay_has_room(&l->delay) && !(delay_is_full(&l->delay) ? ledger_apply_oldest(l) : delay_grow(&l->delay)))
        return NULL;
    return delay_at(&l->delay, l->delay.count);
}

static bool put(struct ledger *l, const struct delayed *e)
{
    struct delayed *d = next_event(l);
    if (!d)
        return false;
    *d = *e;
    delay_put_written(&l->delay, d);
    return true;
}

/* Kernel handles are System's, whoever's thread the kernel used. */
static bool owner_of(struct ledger *l, uint32_t pid, uint32_t handle, int64_t time, uint32_t *process)
{
    return processes_at(&l->processes, handle >> 31 ? PROCESS_SYSTEM_PID : pid, time, process);
}

/* The item's pids become processes; its name becomes the ledger's. Returns where the newest event is now, or NULL. */
static struct delayed *take_handle(struct ledger *l, struct delayed *item)
{
    struct delayed *d = next_event(l);
    if (!d)
        return NULL;
    *d = *item;
    if (!owner_of(l, item->process, item->handle, item->time, &d->process))
        return NULL;
    if (item->actor == item->process && !(item->handle >> 31))
        d->actor = d->process;
    else if (!processes_at(&l->processes, item->actor, item->time, &d->actor))
        return NULL;
    if (item->kind == DELAYED_DUPLICATE &&
        !owner_of(l, item->source_process, item->source_handle, item->time, &d->source_process))
        return NULL;
    d->tag = slots_tag(d->process, item->handle);
    delay_put_written(&l->delay, d);
    item->name = NULL;
    return d;
}

/* The ids of an event that had none are its stack's. */
static bool learn_ids(struct ledger *l, struct delayed *d, const struct feed_stack *e, uint32_t process)
{
    d->ids_unknown = false;
    d->tid = e->tid;
    d->actor = process;
    if (d->kind != DELAYED_DUPLICATE && !owner_of(l, e->pid, d->handle, e->part.time, &d->process))
        return false;
    d->tag = slots_tag(d->process, d->handle);
    if (d->kind == DELAYED_DUPLICATE && d->source_unknown) {
        d->source_unknown = false;
        if (!owner_of(l, e->pid, d->source_handle, e->part.time, &d->source_process))
            return false;
    }
    /* The stack's process is who acted. */
    d->actor_in_header = true;
    return true;
}

/* `newest`: whose stack it is, if that was the item before; else that is to be found. */
static bool take_stack(struct ledger *l, const union feed_item *item, struct delayed *newest)
{
    const struct feed_stack *e = &item->stack;
    struct delayed *d = newest ? newest : delay_find(&l->delay, e->part.time, e->tid, e->processor);
    if (!d) {
        l->counts.stacks_alone++;
        return true;
    }
    uint32_t process = d->actor;
    uint32_t part = 0;
    bool known = newest && e->pid == item[-1].handle.actor;
    if ((!known && !processes_at(&l->processes, e->pid, e->part.time, &process)) ||
        (d->ids_unknown && !learn_ids(l, d, e, process)))
        return false;
    if (l->feed.no_frames) {
        part = stack_outline(&e->part);
        d->stack |= part;
    } else if (!stacks_put(&l->stacks, process, e->pid, &e->part, &part) ||
               !stacks_join(&l->stacks, d->stack, part, &d->stack)) {
        return false;
    }
    d->complete = (part & STACK_USER) != 0;
    l->counts.stacks_joined++;
    return true;
}

static bool take_identity(struct ledger *l, const struct etl_record *r)
{
    struct etl_image_identity e;
    struct next_identity *x = &l->identity;
    if (!etl_image_identity(r, &e))
        return true;
    if (x->time != r->time || x->image.base != e.base || x->pid != e.pid)
        *x = (struct next_identity){.time = r->time, .image = {.base = e.base}, .pid = e.pid};
    if (!e.has_guid) {
        x->image.timestamp = e.timestamp;
        return true;
    }
    x->image.identified = true;
    x->image.age = e.age;
    memcpy(x->image.guid, e.guid, sizeof x->image.guid);
    return names_put(&l->names, e.pdb, e.pdb_size, &x->image.pdb);
}

/* What the inventory at the recording's end says of a module that is there already adds to what is known of it. */
static bool known_image(struct ledger *l, const struct image_map *map, const struct ledger_image *image)
{
    const struct image_range *there = image_map_at(map, image->base);
    const struct ledger_image *known = there ? &l->images.list[there->image] : NULL;
    if (!known || known->name != image->name || known->size != image->size)
        return false;
    image_list_learn(&l->images, there->image, image);
    return true;
}

static bool take_image(struct ledger *l, const struct etl_record *r, const struct etl_image_event *e)
{
    struct ledger_image image = {
        .timestamp = e->timestamp, .size = (uint32_t)e->size, .checksum = e->checksum, .base = e->base};
    const struct next_identity *x = &l->identity;
    if (x->time == r->time && x->image.base == e->base && (x->pid == e->pid || e->pid == ETL_UNKNOWN_ID)) {
        image = x->image;
        image.timestamp = e->timestamp ? e->timestamp : x->image.timestamp;
        image.size = (uint32_t)e->size;
        image.checksum = e->checksum;
    }
    struct image_range range = {.base = e->base, .size = e->size, .since = r->time, .until = INT64_MAX};
    uint32_t process = 0;
    struct image_map *map = &l->stacks.kernel;
    if (e->pid != 0) {
        if (!processes_at(&l->processes, e->pid == ETL_UNKNOWN_ID ? r->pid : e->pid, r->time, &process))
            return false;
        map = &l->processes.list[process].images;
    }
    if (e->life == ETL_LIFE_END)
        return image_map_remove(map, e->base, r->time);
    if (e->life != ETL_LIFE_START)
        range.since = INT64_MIN;
    if (!names_put_utf16(&l->names, e->name.bytes, e->name.units, &image.name))
        return false;
    if (e->life != ETL_LIFE_START && known_image(l, map, &image))
        return true;
    return image_list_put(&l->images, &image, &range.image) && image_map_add(map, &range);
}

static bool take_process(struct ledger *l, const struct etl_record *r, const struct etl_process_event *e)
{
    struct delayed d = {.time = r->time, .kind = DELAYED_ENDED};
    bool ended = false;
    if (!processes_event(&l->processes, &l->names, e, r->time, l->second, &d.process, &ended))
        return false;
    return !ended || put(l, &d);
}

/* {u32 pid}: the process begins to end. */
static bool take_terminate(struct ledger *l, const struct etl_record *r)
{
    struct delayed d = {.time = r->time, .kind = DELAYED_DYING};
    if (r->payload_size < 4)
        return true;
    uint32_t pid = (uint32_t)r->payload[0] | (uint32_t)r->payload[1] << 8 | (uint32_t)r->payload[2] << 16 |
                   (uint32_t)r->payload[3] << 24;
    return processes_at(&l->processes, pid, r->time, &d.process) && put(l, &d);
}

static bool take_type(struct ledger *l, const struct etl_record *r, const struct etl_type_event *e)
{
    struct delayed d = {.time = r->time, .kind = DELAYED_INVENTORY_END};
    if (!names_put_utf16(&l->names, e->name.bytes, e->name.units, &l->type_names[e->type]))
        return false;
    /* Types are told after an inventory, once each: one mark is enough. */
    if (r->hook != HOOK_TYPE_DCEND || (l->delay.count && delay_at(&l->delay, l->delay.count - 1)->kind == d.kind))
        return true;
    return put(l, &d);
}

static bool take_other(struct ledger *l, const struct etl_record *r)
{
    struct etl_image_event image;
    struct etl_process_event process;
    struct etl_stack_key_event key;
    struct etl_type_event type;
    if (r->kind != ETL_KERNEL)
        return take_identity(l, r);
    if (r->hook == HOOK_PROCESS_TERMINATE)
        return take_terminate(l, r);
    if (etl_image_event(r, &image))
        return take_image(l, r, &image);
    if (etl_process_event(r, &process))
        return take_process(l, r, &process);
    if (etl_stack_key_event(r, &key))
        return stacks_define(&l->stacks, &key) && ledger_tidy_stacks(l);
    if (etl_type_event(r, &type))
        return take_type(l, r, &type);
    return true;
}

/* So many items ahead they themselves are asked for, which another core wrote, and the memory that they will need. */
#define AHEAD_LINES 32u
#define AHEAD_ITEMS 12u

/* The memory that this item will need. */
static inline const void *needed_by(const struct ledger *l, const union feed_item *item)
{
    if (item->kind != FEED_STACK || item->stack.part.by_key || !l->stacks.cache.room)
        return item;
    return stacks_likely(&l->stacks, item->stack.pid, &item->stack.part);
}

/* Returns how many it took before one failed. */
static uint32_t take_items(struct ledger *l, union feed_item *items, uint32_t first, uint32_t count)
{
    struct delayed *newest = NULL; /* the item before, if this one is its stack */
    uint32_t i = first;
    for (; i < count; i++) {
        union feed_item *item = &items[i];
        if (count - i > AHEAD_LINES)
            MEMORY_PREFETCH(item + AHEAD_LINES);
        if (count - i > AHEAD_ITEMS)
            MEMORY_PREFETCH(needed_by(l, item + AHEAD_ITEMS));
        if (item->kind <= DELAYED_LISTED) {
            struct delayed *d = take_handle(l, &item->handle);
            if (!d)
                break;
            newest = item->handle.stack_next ? d : NULL;
        } else if (item->kind == FEED_STACK) {
            if (!take_stack(l, item, newest))
                break;
            newest = NULL;
        } else if (item->kind == FEED_OTHER && !take_other(l, item->other.record)) {
            break;
        }
    }
    return i;
}

bool ledger_feed(struct ledger *l, const struct etl_record *r, struct err *err)
{
    union feed_item item;
    enum feed_result result = feed_item(&l->feed, r, &item);
    if (result == FEED_NOTHING)
        return true;
    bool ok = result == FEED_ITEM && take_items(l, &item, 0, 1) == 1;
    if (result == FEED_ITEM && item.kind <= DELAYED_LISTED)
        free(item.handle.name);
    return ok || no_memory(l, err);
}

bool ledger_feed_block(struct ledger *l, struct feed_block *b, struct err *err)
{
    b->used = take_items(l, b->items, b->used, b->count);
    return b->used == b->count || no_memory(l, err);
}

void ledger_set_ring(struct ledger *l, int64_t since)
{
    l->ring = true;
    l->ring_since = since;
}

/* Tells of a handle that seems open still. */
static bool tell_open(struct ledger *l, const struct life *x)
{
    const struct ledger_process *p = &l->processes.list[x->process];
    /* Where the end's own closes would be there, those of before it may be overwritten. */
    bool close_gone = p->ended && l->ring && x->opened < l->ring_since;
    if (x->flags & LIFE_SUPERSEDED || close_gone)
        return ledger_tell(l, x, p->until, LEDGER_LOST_CLOSE, ETL_UNKNOWN_ID, STACK_NONE, NULL);
    if (p->ended)
        return ledger_tell(l, x, p->until, LEDGER_AT_EXIT, ETL_UNKNOWN_ID, STACK_NONE, NULL);
    return ledger_tell(l, x, INT64_MAX, LEDGER_OPEN, ETL_UNKNOWN_ID, STACK_NONE, NULL);
}

bool ledger_finish(struct ledger *l, struct err *err)
{
    bool ok = true;
    while (ok && l->delay.count)
        ok = ledger_apply_oldest(l);
    l->finishing = true;
    /* Every create that may still come has come. */
    ok = ok && ledger_release_early(l, INT64_MAX) && ledger_end_inventory(l);
    for (uint32_t i = 0; ok && i < l->ends_room; i++)
        ok = ledger_release_run(l, i, i && l->ends[i].dying ? LEDGER_AT_EXIT : LEDGER_CLOSED);
    for (uint32_t i = 1; ok && i < l->lives.count; i++) {
        const struct life *x = lives_at(&l->lives, i);
        ok = !(x->flags & LIFE_USED) || tell_open(l, x);
    }
    l->counts.inversions += l->delay.inversions;
    ok = ok && ledger_tell_all(l) && stacks_finish(&l->stacks);
    return ok || no_memory(l, err);
}

const struct ledger_counts *ledger_counts(const struct ledger *l)
{
    return &l->counts;
}

uint32_t ledger_process_count(const struct ledger *l)
{
    return l->processes.count;
}

const struct ledger_process *ledger_process(const struct ledger *l, uint32_t process)
{
    return &l->processes.list[process < l->processes.count ? process : PROCESS_UNKNOWN];
}

const char *ledger_name(const struct ledger *l, uint32_t name)
{
    return names_get(&l->names, name);
}

const char *ledger_type(const struct ledger *l, uint16_t type)
{
    return names_get(&l->names, l->type_names[type]);
}

const struct ledger_image *ledger_image(const struct ledger *l, uint32_t image)
{
    static const struct ledger_image none = {0};
    return image && image <= l->images.count ? &l->images.list[image] : &none;
}

uint32_t ledger_stack_final(const struct ledger *l, uint32_t stack)
{
    return stacks_final(&l->stacks, stack);
}

const struct ledger_frame *ledger_stack(const struct ledger *l, uint32_t stack, uint32_t *count)
{
    return stacks_frames(&l->stacks, stacks_final(&l->stacks, stack), count);
}
