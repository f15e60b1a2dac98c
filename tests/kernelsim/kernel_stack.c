/* Stacks of events: as records of their own, or as keys of a cache whose definitions come when they leave it. */
#include "kernel_state.h"

#include <stdlib.h>
#include <string.h>

#define LATE_EVERY   256u /* every so many handle events a thread stays in the kernel for a while */
#define LATE_MS      12u
#define ENTRY_BYTES  32u /* of the cache's memory, besides the addresses */
#define FIRST_KEY    0xffffca86a0000000u
#define KEY_STEP     0x40u
#define SIZE_LEAST   (3u << 20)
#define SIZE_MOST    (50u << 20)
#define BUCKET_LEAST 256u
#define BUCKET_MOST  4096u

struct kernel_cached {
    struct kernel_cached *next;  /* in its bucket */
    struct kernel_cached *newer; /* of all; the oldest leaves first */
    uint64_t key, hash;
    uint32_t count;
    uint64_t frames[];
};

struct kernel_cache {
    struct kernel_cached **buckets;
    uint32_t bucket_count, size, used, entries;
    struct kernel_cached *oldest, *newest;
    uint64_t keys;       /* given out so far */
    uint64_t *free_keys; /* those of stacks that have left, given out again */
    uint32_t free_count, free_room;
};

static uint32_t clamp(uint32_t v, uint32_t least, uint32_t most)
{
    if (v < least)
        return least;
    return v > most ? most : v;
}

uint32_t kernel_cache_start(struct kernel_session *s, uint32_t size, uint32_t buckets)
{
    if (s->cache)
        return KS_ALREADY_ENABLED;
    s->cache = kernel_alloc(sizeof *s->cache);
    s->cache->size = clamp(size, SIZE_LEAST, SIZE_MOST);
    s->cache->bucket_count = clamp(buckets, BUCKET_LEAST, BUCKET_MOST);
    s->cache->buckets = kernel_alloc(s->cache->bucket_count * sizeof(struct kernel_cached *));
    return 0;
}

static uint32_t bytes_of(const struct kernel_cached *e)
{
    return ENTRY_BYTES + 8 * e->count;
}

/* Out of the cache; the caller frees it. */
static struct kernel_cached *take_oldest(struct kernel_cache *c)
{
    struct kernel_cached *e = c->oldest;
    struct kernel_cached **at = &c->buckets[e->hash % c->bucket_count];
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    c->oldest = e->newer;
    if (!c->oldest)
        c->newest = NULL;
    c->used -= bytes_of(e);
    c->entries--;
    return e;
}

void kernel_cache_free(struct kernel_session *s)
{
    struct kernel_cache *c = s->cache;
    if (!c)
        return;
    while (c->oldest)
        free(take_oldest(c));
    free(c->buckets);
    free(c->free_keys);
    free(c);
    s->cache = NULL;
}

static void define(struct kernel *k, struct kernel_session *s, const struct kernel_cached *e, uint16_t hook,
                   uint32_t cpu, bool patient)
{
    struct kernel_payload p;
    p.bytes = 0;
    payload_u64(&p, e->key);
    for (uint32_t i = 0; i < e->count; i++)
        payload_u64(&p, e->frames[i]);
    const struct kernel_event event = {.hook = hook, .version = 2, .header = KERNEL_PERFINFO, .cpu = cpu};
    kernel_log(k, s, &event, kernel_now(k, cpu), &p, KERNEL_NO_NOTE, patient);
}

/* At the stop: what never left the cache is defined only now. */
void kernel_cache_rundown(struct kernel *k, struct kernel_session *s)
{
    while (s->cache && s->cache->oldest) {
        struct kernel_cached *e = take_oldest(s->cache);
        define(k, s, e, 0x1824, k->rundown_cpu, true);
        free(e);
    }
}

static void evict(struct kernel *k, struct kernel_session *s, uint32_t cpu)
{
    struct kernel_cache *c = s->cache;
    struct kernel_cached *e = take_oldest(c);
    define(k, s, e, 0x1823, cpu, false);
    c->free_keys = kernel_grow(c->free_keys, &c->free_room, c->free_count + 1, sizeof *c->free_keys);
    c->free_keys[c->free_count++] = e->key;
    free(e);
}

static uint64_t hash_of(const uint64_t *frames, uint32_t count)
{
    uint64_t h = count;
    for (uint32_t i = 0; i < count; i++)
        h = (h ^ frames[i]) * 0x9E3779B97F4A7C15u;
    return h ^ h >> 32;
}

static uint64_t key_of(struct kernel *k, struct kernel_session *s, const uint64_t *frames, uint32_t count, uint32_t cpu)
{
    struct kernel_cache *c = s->cache;
    uint64_t hash = hash_of(frames, count);
    for (struct kernel_cached *e = c->buckets[hash % c->bucket_count]; e; e = e->next) {
        if (e->hash == hash && e->count == count && memcmp(e->frames, frames, count * sizeof *frames) == 0)
            return e->key;
    }
    uint32_t most = k->set.cache_entries ? k->set.cache_entries : UINT32_MAX;
    while (c->oldest && (c->used + ENTRY_BYTES + 8 * count > c->size || c->entries >= most))
        evict(k, s, cpu);
    struct kernel_cached *e = kernel_alloc(sizeof *e + count * sizeof *frames);
    e->hash = hash;
    e->count = count;
    memcpy(e->frames, frames, count * sizeof *frames);
    e->key = c->free_count ? c->free_keys[--c->free_count] : FIRST_KEY + KEY_STEP * c->keys++;
    e->next = c->buckets[hash % c->bucket_count];
    c->buckets[hash % c->bucket_count] = e;
    if (c->newest)
        c->newest->newer = e;
    else
        c->oldest = e;
    c->newest = e;
    c->used += bytes_of(e);
    c->entries++;
    return e->key;
}

/* One part or both of a stack, as it goes to the sessions. */
struct part {
    uint64_t frames[192];
    uint32_t count;
    const int64_t *time; /* the event's, by session */
    uint32_t pid, tid, cpu;
};

static void add(struct part *part, const uint64_t *frames, uint32_t count)
{
    uint32_t room = (uint32_t)(sizeof part->frames / sizeof *part->frames) - part->count;
    count = count < room ? count : room;
    if (count)
        memcpy(part->frames + part->count, frames, count * sizeof *frames);
    part->count += count;
}

static void log_part(struct kernel *k, struct kernel_session *s, const struct part *part, uint16_t hook, int64_t now)
{
    struct kernel_payload p;
    p.bytes = 0;
    payload_u64(&p, (uint64_t)part->time[s - k->sessions]);
    payload_u32(&p, part->pid);
    payload_u32(&p, part->tid);
    if (s->cache)
        payload_u64(&p, key_of(k, s, part->frames, part->count, part->cpu));
    else
        payload_bytes(&p, part->frames, part->count * (uint32_t)sizeof *part->frames);
    const struct kernel_event stack = {.hook = hook, .version = 2, .header = KERNEL_PERFINFO, .cpu = part->cpu};
    /* A definition that was logged meanwhile is of an older key: this use comes after it. */
    kernel_log(k, s, &stack, s->cache ? kernel_now(k, part->cpu) : now, &p, KERNEL_NO_NOTE, false);
}

/* cached: to the sessions that have a cache, or to those that have none. */
static void send(struct kernel *k, const struct part *part, uint32_t set, bool cached, uint16_t hook)
{
    if (part->count == 0)
        return;
    int64_t now = kernel_now(k, part->cpu);
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        struct kernel_session *s = &k->sessions[i];
        if ((set >> i & 1) && s->state == KERNEL_RUNNING && (s->cache != NULL) == cached)
            log_part(k, s, part, hook, now);
    }
}

static bool has_hook(const struct kernel_session *s, uint16_t hook)
{
    for (uint32_t i = 0; i < s->hook_count; i++) {
        if (s->hooks[i] == hook)
            return true;
    }
    return false;
}

void kernel_emit_stack(struct kernel *k, const struct kernel_event *e, const struct kernel_taken *taken)
{
    uint32_t wanted = 0;
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        if ((taken->set >> i & 1) && has_hook(&k->sessions[i], e->hook))
            wanted |= 1u << i;
    }
    if (!wanted)
        return;
    const struct part none = {.time = taken->time, .pid = e->actor_pid, .tid = e->tid, .cpu = e->cpu};
    struct part of_kernel = none;
    struct part of_user = none;
    add(&of_kernel, e->kernel_frames, e->kernel_count);
    add(&of_user, e->user_frames, e->user_count);
    send(k, &of_kernel, wanted, true, 0x1825);
    if (k->set.dialect->stacks == KERNEL_STACK_JOINED) {
        struct part both = of_kernel;
        add(&both, e->user_frames, e->user_count);
        send(k, &both, wanted, false, 0x1820);
        send(k, &of_user, wanted, true, 0x1826);
        return;
    }
    send(k, &of_kernel, wanted, false, 0x1820);
    if (e->user_count == 0)
        return;
    if (k->set.dialect->stacks == KERNEL_STACK_LATE && (e->hook >> 8) == 0x11 && k->handle_events++ % LATE_EVERY == 0) {
        /* The thread is held up inside the kernel and goes on elsewhere. */
        k->host.sleep(k->host.context, LATE_MS);
        of_user.cpu = (e->cpu + 1) % k->set.processors;
    }
    send(k, &of_user, wanted, false, 0x1820);
    send(k, &of_user, wanted, true, 0x1826);
}
