/* Follows processes and modules, a list of modules by address for each process. */
#include "core/finish/spaces.h"

#include "core/etl/digest.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024u /* a power of two */
/* Processes that ended and modules that were unloaded and may still be asked for. */
#define ENDED_KEPT 64u
#define GONE_KEPT  256u
#define IDS_MAX    16u /* of one module: see the merge's events */

/* A merge puts these right before the record of the module that they describe. */
static const uint8_t image_id[16] = {0xd7, 0x75, 0xe6, 0xb3, 0x54, 0x25, 0x18, 0x4f,
                                     0x83, 0x0b, 0x27, 0x62, 0x73, 0x25, 0x60, 0xde};

struct module {
    uint64_t base;
    uint64_t size;
    uint64_t name;      /* its digest */
    uint32_t timestamp; /* 0: not told yet */
    int64_t since;      /* INT64_MIN: there before it was told */
    int64_t until;      /* INT64_MAX: there */
    bool kept;
    struct kept_record record;
    struct kept_record added; /* a later record of it that tells which build it is */
    struct kept_record unload;
    struct kept_record ids[IDS_MAX];
    uint32_t id_count;
};

/* In a structure of its own, so that lists of them are counted in these. */
struct module_place {
    struct module *it;
};

struct gone {
    uint32_t pid;
    struct module *module;
};

/* A process, or the kernel (pid 0: the idle process has no modules of its own). */
struct space {
    struct space *next; /* of the same bucket */
    uint32_t pid;
    int64_t met;
    uint64_t key;
    struct kept_record told; /* the first record that says what it is */
    uint8_t image[64];       /* its name's beginning, to tell processes apart */
    size_t image_size;
    bool kept;
    bool awaited; /* needed before it was told */
    bool ended;
    struct module_place *modules; /* by base; they do not overlap */
    uint32_t module_count;
    uint32_t module_room;
    uint64_t *missing; /* addresses without a module, ascending */
    uint32_t missing_count;
    uint32_t missing_room;
};

struct spaces {
    struct kept_list *wanted;
    int64_t second;
    struct space *buckets[BUCKETS];
    struct gone gone[GONE_KEPT];
    uint32_t gone_at;
    uint32_t ended[ENDED_KEPT]; /* pids */
    uint32_t ended_count;
    struct kept_record ids[IDS_MAX]; /* met since the last module's record */
    uint32_t id_count;
};

bool spaces_open(struct kept_list *wanted, int64_t second, struct spaces **out)
{
    struct spaces *s = calloc(1, sizeof *s);
    if (!s)
        return false;
    s->wanted = wanted;
    s->second = second;
    *out = s;
    return true;
}

static void free_module(struct module *m)
{
    if (!m)
        return;
    kept_free(&m->record);
    kept_free(&m->added);
    kept_free(&m->unload);
    for (uint32_t i = 0; i < m->id_count; i++)
        kept_free(&m->ids[i]);
    free(m);
}

static void drop_modules(struct space *p)
{
    for (uint32_t i = 0; i < p->module_count; i++)
        free_module(p->modules[i].it);
    p->module_count = 0;
}

static void free_space(struct space *p)
{
    drop_modules(p);
    kept_free(&p->told);
    free(p->modules);
    free(p->missing);
    free(p);
}

static void drop_ids(struct spaces *s)
{
    for (uint32_t i = 0; i < s->id_count; i++)
        kept_free(&s->ids[i]);
    s->id_count = 0;
}

void spaces_close(struct spaces *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < BUCKETS; i++)
        while (s->buckets[i]) {
            struct space *p = s->buckets[i];
            s->buckets[i] = p->next;
            free_space(p);
        }
    for (uint32_t i = 0; i < GONE_KEPT; i++)
        free_module(s->gone[i].module);
    drop_ids(s);
    free(s);
}

static struct space **find(struct spaces *s, uint32_t pid)
{
    struct space **at = &s->buckets[(uint32_t)hash_mix(pid) & (BUCKETS - 1)];
    while (*at && (*at)->pid != pid)
        at = &(*at)->next;
    return at;
}

static struct space *space_of(struct spaces *s, uint32_t pid, int64_t time)
{
    struct space **at = find(s, pid);
    if (*at)
        return *at;
    struct space *p = calloc(1, sizeof *p);
    if (p) {
        p->pid = pid;
        p->met = time;
        *at = p;
    }
    return p;
}

static void remove_space(struct spaces *s, uint32_t pid)
{
    struct space **at = find(s, pid);
    struct space *p = *at;
    if (!p)
        return;
    *at = p->next;
    free_space(p);
}

static bool keep_module(struct spaces *s, struct module *m)
{
    if (m->kept)
        return true;
    m->kept = true;
    for (uint32_t i = 0; i < m->id_count; i++)
        if (!kept_put(s->wanted, &m->ids[i]))
            return false;
    return kept_put(s->wanted, &m->record) && (!m->added.bytes || kept_put(s->wanted, &m->added)) &&
           (!m->unload.bytes || kept_put(s->wanted, &m->unload));
}

/* The first module that ends behind `address`. */
static uint32_t module_at(const struct space *p, uint64_t address)
{
    uint32_t low = 0;
    uint32_t high = p->module_count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const struct module *m = p->modules[mid].it;
        if (m->base <= address && address - m->base >= m->size)
            low = mid + 1;
        else if (m->base > address)
            high = mid;
        else
            return mid;
    }
    return low;
}

static bool covers(const struct module *m, uint64_t address)
{
    return address >= m->base && address - m->base < m->size;
}

static void retire(struct spaces *s, struct space *p, uint32_t at, int64_t time)
{
    struct gone *g = &s->gone[s->gone_at++ & (GONE_KEPT - 1)];
    free_module(g->module);
    *g = (struct gone){p->pid, p->modules[at].it};
    g->module->until = time;
    p->module_count--;
    memmove(p->modules + at, p->modules + at + 1, (p->module_count - at) * sizeof *p->modules);
}

static uint32_t first_missing(const struct space *p, uint64_t address)
{
    uint32_t low = 0;
    uint32_t high = p->missing_count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (p->missing[mid] < address)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Addresses that wait for this module: it is needed. */
static bool serve_missing(struct spaces *s, struct space *p, struct module *m)
{
    uint32_t from = first_missing(p, m->base);
    uint32_t to = from;
    while (to < p->missing_count && covers(m, p->missing[to]))
        to++;
    if (from == to)
        return true;
    memmove(p->missing + from, p->missing + to, (p->missing_count - to) * sizeof *p->missing);
    p->missing_count -= to - from;
    return keep_module(s, m);
}

static bool add_missing(struct space *p, uint64_t address)
{
    uint32_t at = first_missing(p, address);
    if (at < p->missing_count && p->missing[at] == address)
        return true;
    if (!grow_array(&p->missing, &p->missing_room, p->missing_count + 1, sizeof *p->missing))
        return false;
    memmove(p->missing + at + 1, p->missing + at, (p->missing_count - at) * sizeof *p->missing);
    p->missing[at] = address;
    p->missing_count++;
    return true;
}

static uint64_t name_of(const struct etl_image_event *e)
{
    return etl_digest(e->name.bytes, 2 * e->name.units, 0);
}

/* Gives the module the identities that stand right before its record. */
static void take_ids(struct spaces *s, struct module *m, const struct etl_record *r)
{
    for (uint32_t i = 0; i < s->id_count && m->id_count < IDS_MAX; i++)
        if (s->ids[i].time == r->time && s->ids[i].processor == r->processor) {
            m->ids[m->id_count++] = s->ids[i];
            s->ids[i].bytes = NULL;
        }
}

static struct module *make_module(struct spaces *s, const struct etl_record *r, const struct etl_image_event *e,
                                  uint64_t number)
{
    struct module *m = calloc(1, sizeof *m);
    if (!m || !kept_copy(&m->record, r, number)) {
        free(m);
        return NULL;
    }
    m->base = e->base;
    m->size = e->size;
    m->name = name_of(e);
    m->timestamp = e->timestamp;
    m->since = e->life == ETL_LIFE_START ? r->time : INT64_MIN;
    m->until = INT64_MAX;
    take_ids(s, m, r);
    return m;
}

/* A module that is told again is the same: the first record of it stays, and the first that adds to it. */
static bool is_same(const struct module *m, const struct etl_image_event *e)
{
    bool another = m->timestamp && e->timestamp && m->timestamp != e->timestamp;
    return m->base == e->base && m->size == e->size && m->name == name_of(e) && !another;
}

static bool add_to(struct spaces *s, struct module *m, const struct etl_record *r, const struct etl_image_event *e,
                   uint64_t number)
{
    bool adds = (!m->timestamp && e->timestamp) || (!m->id_count && s->id_count);
    if (m->added.bytes || !adds)
        return true;
    if (!kept_copy(&m->added, r, number))
        return false;
    m->timestamp = m->timestamp ? m->timestamp : e->timestamp;
    uint32_t first = m->id_count;
    take_ids(s, m, r);
    for (uint32_t i = first; m->kept && i < m->id_count; i++)
        if (!kept_put(s->wanted, &m->ids[i]))
            return false;
    return !m->kept || kept_put(s->wanted, &m->added);
}

static bool load(struct spaces *s, struct space *p, const struct etl_record *r, const struct etl_image_event *e,
                 uint64_t number)
{
    if (!e->size || e->size - 1 > UINT64_MAX - e->base)
        return true; /* no range that anything could lie in */
    uint32_t at = module_at(p, e->base);
    if (at < p->module_count && is_same(p->modules[at].it, e))
        return add_to(s, p->modules[at].it, r, e, number);
    uint64_t last = e->base + (e->size - 1);
    while (at < p->module_count && p->modules[at].it->base <= last)
        retire(s, p, at, r->time);
    struct module *m = make_module(s, r, e, number);
    if (!m || !grow_array(&p->modules, &p->module_room, p->module_count + 1, sizeof *p->modules)) {
        free_module(m);
        return false;
    }
    memmove(p->modules + at + 1, p->modules + at, (p->module_count - at) * sizeof *p->modules);
    p->modules[at].it = m;
    p->module_count++;
    return serve_missing(s, p, m);
}

static bool unload(struct spaces *s, struct space *p, const struct etl_record *r, const struct etl_image_event *e,
                   uint64_t number)
{
    uint32_t at = module_at(p, e->base);
    if (!p->modules || at == p->module_count || p->modules[at].it->base != e->base)
        return true;
    struct module *m = p->modules[at].it;
    if (!kept_copy(&m->unload, r, number) || (m->kept && !kept_put(s->wanted, &m->unload)))
        return false;
    retire(s, p, at, r->time);
    return true;
}

static bool take_image(struct spaces *s, const struct etl_record *r, const struct etl_image_event *e, uint64_t number)
{
    struct space *p = space_of(s, e->pid == ETL_UNKNOWN_ID ? r->pid : e->pid, r->time);
    bool ok = p && (e->life == ETL_LIFE_END ? unload(s, p, r, e, number) : load(s, p, r, e, number));
    drop_ids(s);
    return ok;
}

static bool take_id(struct spaces *s, const struct etl_record *r, uint64_t number)
{
    if (s->id_count && s->ids[0].time != r->time)
        drop_ids(s);
    if (s->id_count == IDS_MAX)
        return true;
    return kept_copy(&s->ids[s->id_count], r, number) && ++s->id_count;
}

static size_t name_part(const struct space *p, const struct etl_process_event *e)
{
    return e->image_size < sizeof p->image ? e->image_size : sizeof p->image;
}

static bool is_later(const struct spaces *s, int64_t time, int64_t than)
{
    return time > than && (uint64_t)time - (uint64_t)than > (uint64_t)s->second;
}

/* The rule of the ledger: see processes.c there. Kernel modules stay with the idle process. */
static bool is_another(const struct spaces *s, const struct space *p, const struct etl_process_event *e, int64_t time)
{
    bool start = e->life == ETL_LIFE_START;
    if (!p->pid)
        return false;
    if (!p->told.bytes)
        return start && (p->ended || is_later(s, time, p->met));
    if (p->key && e->key && p->key != e->key)
        return true;
    size_t n = name_part(p, e);
    if (n && p->image_size && (n != p->image_size || memcmp(p->image, e->image, n) != 0))
        return true;
    return start && (p->ended || is_later(s, time, p->told.time));
}

static bool keep_process(struct spaces *s, struct space *p)
{
    if (p->kept)
        return true;
    if (!p->told.bytes) {
        p->awaited = true;
        return true;
    }
    p->kept = true;
    return kept_put(s->wanted, &p->told);
}

static void forget_ended(struct spaces *s, uint32_t pid)
{
    uint32_t *place = &s->ended[s->ended_count % ENDED_KEPT];
    if (s->ended_count++ >= ENDED_KEPT) {
        struct space *oldest = *find(s, *place);
        if (oldest && oldest->ended)
            remove_space(s, *place);
    }
    *place = pid;
}

static bool take_process(struct spaces *s, const struct etl_record *r, const struct etl_process_event *e,
                         uint64_t number)
{
    struct space *p = space_of(s, e->pid, r->time);
    if (p && is_another(s, p, e, r->time)) {
        if (e->life == ETL_LIFE_DEFUNCT)
            return true;
        remove_space(s, e->pid);
        p = space_of(s, e->pid, r->time);
    }
    if (!p)
        return false;
    struct kept_record k = {.bytes = NULL};
    bool ends = (e->life == ETL_LIFE_END || e->life == ETL_LIFE_DEFUNCT) && !p->ended;
    if (!p->told.bytes) {
        if (!kept_copy(&p->told, r, number))
            return false;
        p->key = e->key;
        p->image_size = name_part(p, e);
        memcpy(p->image, e->image, p->image_size);
        if (p->awaited && !keep_process(s, p))
            return false;
    } else if (ends && p->kept) {
        if (!kept_copy(&k, r, number))
            return false;
        bool ok = kept_put(s->wanted, &k);
        kept_free(&k);
        if (!ok)
            return false;
    }
    if (!ends)
        return true;
    p->ended = true;
    forget_ended(s, e->pid);
    return true;
}

bool spaces_feed(struct spaces *s, const struct etl_record *r, uint64_t number)
{
    struct etl_image_event image;
    struct etl_process_event process;
    if (r->kind == ETL_CLASSIC && memcmp(r->provider, image_id, sizeof image_id) == 0)
        return take_id(s, r, number);
    unsigned group = r->hook >> 8;
    if (r->kind != ETL_KERNEL || (group != 0x03 && group != 0x14))
        return true;
    if (etl_image_event(r, &image))
        return take_image(s, r, &image, number);
    return !etl_process_event(r, &process) || take_process(s, r, &process, number);
}

bool spaces_need_process(struct spaces *s, uint32_t pid, int64_t time)
{
    if (pid == ETL_UNKNOWN_ID)
        return true;
    struct space *p = space_of(s, pid, time);
    return p && keep_process(s, p);
}

bool spaces_need_module(struct spaces *s, uint32_t pid, bool kernel, uint64_t address, int64_t time)
{
    if (!kernel && pid == ETL_UNKNOWN_ID)
        return true;
    struct space *p = space_of(s, kernel ? 0 : pid, time);
    if (!p)
        return false;
    uint32_t at = module_at(p, address);
    struct module *there = at < p->module_count && covers(p->modules[at].it, address) ? p->modules[at].it : NULL;
    if (there && there->since <= time)
        return keep_module(s, there);
    for (uint32_t i = 1; i <= GONE_KEPT; i++) {
        const struct gone *g = &s->gone[(s->gone_at - i) & (GONE_KEPT - 1)];
        if (g->module && g->pid == p->pid && g->module->until >= time && covers(g->module, address))
            return keep_module(s, g->module);
    }
    return there ? keep_module(s, there) : add_missing(p, address);
}
