/* Orders rows: by a key the user chose or by growth, and keeps them in place while somebody looks at them. */
#include "core/census/rows.h"

#include <stdlib.h>
#include <string.h>

void rows_init(struct rows *r, bool processes)
{
    memset(r, 0, sizeof *r);
    r->processes = processes;
    r->type = SIZE_MAX;
    r->column = processes ? (int)PROCESS_COLUMN_CHANGE : (int)TYPE_COLUMN_CHANGE;
    r->descending = true;
    r->dirty = true;
}

void rows_free(struct rows *r)
{
    snapshot_release(r->snap);
    free(r->row);
    rows_init(r, r->processes);
}

const struct snapshot_type *rows_type_at(const struct rows *r, size_t row)
{
    return !r->processes && row < r->count ? &r->snap->types[r->row[row].index] : NULL;
}

const struct snapshot_holding *rows_holding_at(const struct rows *r, size_t row)
{
    return r->processes && row < r->count ? &r->snap->holdings[r->row[row].index] : NULL;
}

bool rows_is_suspect(const struct rows *r, size_t row)
{
    if (row >= r->count)
        return false;
    const struct snapshot_type *t = rows_type_at(r, row);
    return (t ? t->suspect : rows_holding_at(r, row)->suspect) == SNAPSHOT_GROWING;
}

static bool same(struct rows_id x, struct rows_id y)
{
    return x.a == y.a && x.b == y.b;
}

/* What a row is compared by: numbers in `real` or, where a double would round, `whole`. */
struct key {
    const char *text; /* NULL: a number */
    bool known;       /* unknown ones go last, whichever way */
    double real;
    int64_t whole;
};

static bool is_recorded(const struct rows_filter *f, uint32_t tag)
{
    if (f->all)
        return true;
    for (size_t i = 0; i < f->tag_count; i++)
        if (f->tags[i] == tag)
            return true;
    return false;
}

static struct key whole_key(uint64_t n)
{
    return (struct key){.known = true, .whole = n > INT64_MAX ? INT64_MAX : (int64_t)n};
}

static struct key text_key(const char *s)
{
    return (struct key){.text = s, .known = s[0] != 0};
}

static struct key rate_key(const struct snapshot_rate *rate)
{
    return (struct key){.known = rate->known, .real = rate->per_minute};
}

bool rows_live_count(const struct rows *r, const struct snapshot_type *t, int column, uint64_t *out)
{
    const struct live_type *l = r->live ? live_find(r->live, t->name) : NULL;
    if (l)
        *out = column == TYPE_COLUMN_CREATED ? l->created : column == TYPE_COLUMN_CLOSED ? l->closed : l->duplicated;
    return l != NULL;
}

static struct key live_key(const struct rows *r, const struct snapshot_type *t, int column)
{
    uint64_t n = 0;
    return rows_live_count(r, t, column, &n) ? whole_key(n) : (struct key){0};
}

static struct key type_key(const struct rows *r, const struct snapshot_type *t, int column)
{
    switch (column) {
    case TYPE_COLUMN_NAME:
        return text_key(t->name);
    case TYPE_COLUMN_OPEN:
        return whole_key(t->open);
    case TYPE_COLUMN_PEAK:
        return whole_key(t->peak);
    case TYPE_COLUMN_RATE:
    case TYPE_COLUMN_HISTORY:
        return rate_key(&t->rate);
    case TYPE_COLUMN_RECORDED:
        return whole_key(is_recorded(&r->filter, t->tag));
    case TYPE_COLUMN_TOP:
        return text_key(t->top_process);
    case TYPE_COLUMN_CREATED:
    case TYPE_COLUMN_CLOSED:
    case TYPE_COLUMN_DUPLICATED:
        return live_key(r, t, column);
    default:
        return (struct key){.known = true, .whole = t->change};
    }
}

static struct key process_key(const struct snapshot_holding *h, int column)
{
    switch (column) {
    case PROCESS_COLUMN_NAME:
        return text_key(h->process);
    case PROCESS_COLUMN_PID:
        return whole_key(h->pid);
    case PROCESS_COLUMN_OPEN:
        return whole_key(h->open);
    case PROCESS_COLUMN_RATE:
        return rate_key(&h->rate);
    default:
        return (struct key){.known = true, .whole = h->change};
    }
}

static int compare_keys(const struct key *x, const struct key *y)
{
    if (x->text)
        return text_casecmp(x->text, y->text);
    if (x->whole != y->whole)
        return x->whole < y->whole ? -1 : 1;
    return x->real < y->real ? -1 : x->real > y->real;
}

/* Less than 0: x stands above y. Never 0, so that equal rows do not trade places. */
static int compare_rows(const struct rows *r, const struct row *x, const struct row *y)
{
    struct key kx;
    struct key ky;
    if (r->processes) {
        kx = process_key(&r->snap->holdings[x->index], r->column);
        ky = process_key(&r->snap->holdings[y->index], r->column);
    } else {
        kx = type_key(r, &r->snap->types[x->index], r->column);
        ky = type_key(r, &r->snap->types[y->index], r->column);
    }
    if (kx.known != ky.known)
        return kx.known ? -1 : 1;
    int way = compare_keys(&kx, &ky);
    if (way)
        return r->descending ? -way : way;
    uint64_t ox = r->processes ? r->snap->holdings[x->index].open : r->snap->types[x->index].open;
    uint64_t oy = r->processes ? r->snap->holdings[y->index].open : r->snap->types[y->index].open;
    if (ox != oy)
        return ox > oy ? -1 : 1;
    if (!r->processes) {
        int names = text_casecmp(r->snap->types[x->index].name, r->snap->types[y->index].name);
        if (names)
            return names;
    }
    return x->id.a < y->id.a ? -1 : 1;
}

/* Merge sort: qsort has no place for the context, and rows are few. */
static void sort_rows(const struct rows *r, struct row *row, struct row *scratch, size_t n)
{
    if (n < 2)
        return;
    size_t half = n / 2;
    sort_rows(r, row, scratch, half);
    sort_rows(r, row + half, scratch + half, n - half);
    memcpy(scratch, row, n * sizeof *row);
    size_t left = 0;
    size_t right = half;
    for (size_t i = 0; i < n; i++) {
        bool take_left = right == n || (left < half && compare_rows(r, &scratch[left], &scratch[right]) < 0);
        row[i] = scratch[take_left ? left++ : right++];
    }
}

static bool reserve(struct rows *r, size_t count)
{
    if (count <= r->cap)
        return true;
    /* Twice: the second half is room for sorting and for putting rows in their old order. */
    struct row *row = realloc(r->row, 2 * count * sizeof *row);
    if (!row)
        return false;
    r->row = row;
    r->cap = count;
    return true;
}

static struct row *scratch_of(const struct rows *r)
{
    return r->row + r->cap;
}

static struct rows_id id_of(const struct rows *r, const struct snapshot *s, size_t index)
{
    if (!r->processes)
        return (struct rows_id){index, 0};
    return (struct rows_id){s->holdings[index].pid, s->holdings[index].start};
}

/* The rows of `s` that this list shows: `first` and how many follow it. */
static size_t range_of(const struct rows *r, const struct snapshot *s, size_t type, size_t *first)
{
    *first = 0;
    if (!s || !s->available)
        return 0;
    if (!r->processes)
        return s->type_count;
    return type < s->type_count && s->types[type].holders_known ? snapshot_holdings_of(s, type, first) : 0;
}

/* Rows that stay keep their order, new ones come last. */
static void take_in_old_order(struct rows *r, const struct snapshot *s, size_t first, size_t count)
{
    if (!r->cap)
        return; /* there never were any */
    struct row *old = scratch_of(r);
    size_t old_count = r->count;
    memcpy(old, r->row, old_count * sizeof *old);
    size_t n = 0;
    for (size_t i = 0; i < old_count; i++) {
        for (size_t k = first; k < first + count; k++) {
            if (!same(old[i].id, id_of(r, s, k)))
                continue;
            r->row[n++] = (struct row){old[i].id, k};
            break;
        }
    }
    size_t kept = n;
    for (size_t k = first; k < first + count && n < count; k++) {
        struct rows_id id = id_of(r, s, k);
        size_t i = 0;
        while (i < kept && !same(r->row[i].id, id))
            i++;
        if (i == kept)
            r->row[n++] = (struct row){id, k};
    }
    r->count = n;
}

static void sort_now(struct rows *r, uint64_t now_ms)
{
    sort_rows(r, r->row, scratch_of(r), r->count);
    r->order_ms = now_ms;
    r->dirty = false;
}

static bool differs(const struct row *x, const struct row *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!same(x[i].id, y[i].id))
            return true;
    return false;
}

bool rows_update(struct rows *r, const struct snapshot *s, size_t type, bool held, uint64_t now_ms, bool *moved)
{
    size_t first = 0;
    size_t count = range_of(r, s, type, &first);
    if (r->processes && type != r->type) {
        r->dirty = true; /* another list altogether */
        r->count = 0;
        r->selected = false;
    }
    size_t need = count > r->count ? count : r->count;
    if (moved)
        *moved = false;
    if (!reserve(r, need)) {
        r->count = 0;
        return false;
    }
    const struct snapshot *old = r->snap;
    size_t shown = r->count;
    r->snap = s ? snapshot_retain(s) : NULL;
    r->type = type;
    take_in_old_order(r, s, first, count);
    snapshot_release(old);
    if (!count) {
        r->dirty = true; /* whatever comes next comes in order */
        return true;
    }
    bool sort = r->dirty || (!held && now_ms - r->order_ms >= ROWS_ORDER_MS);
    if (!sort)
        return true;
    struct row *before = malloc((r->count ? r->count : 1) * sizeof *before);
    if (before)
        memcpy(before, r->row, r->count * sizeof *before);
    sort_now(r, now_ms);
    if (moved)
        *moved = !before || shown != r->count || differs(before, r->row, r->count);
    free(before);
    return true;
}

static bool starts_ascending(const struct rows *r, int column)
{
    if (r->processes)
        return column == PROCESS_COLUMN_NAME || column == PROCESS_COLUMN_PID;
    return column == TYPE_COLUMN_NAME || column == TYPE_COLUMN_TOP;
}

void rows_sort_by(struct rows *r, int column, uint64_t now_ms)
{
    r->descending = column == r->column ? !r->descending : !starts_ascending(r, column);
    r->column = column;
    sort_now(r, now_ms);
}

size_t rows_find(const struct rows *r, struct rows_id id)
{
    for (size_t i = 0; i < r->count; i++)
        if (same(r->row[i].id, id))
            return i;
    return SIZE_MAX;
}

size_t rows_selected(const struct rows *r)
{
    return r->selected ? rows_find(r, r->id) : SIZE_MAX;
}

void rows_select(struct rows *r, size_t row)
{
    r->selected = row < r->count;
    if (r->selected)
        r->id = r->row[row].id;
}
