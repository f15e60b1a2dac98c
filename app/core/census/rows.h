/* What the two lists and the chart of the main window show, without a window: order, selection and texts of rows.
 *
 * Thread: one (the window's). Nothing here knows Windows; the strings come from the caller, so they can be translated.
 */
#ifndef HR_CENSUS_ROWS_H
#define HR_CENSUS_ROWS_H

#include "core/base/text.h"
#include "core/census/live.h"
#include "core/census/watcher.h"

/* Words and number signs of the user's language, UTF-8. %1, %2... stand for what is put in. Borrowed strings. */
struct rows_words {
    const char *thousands;       /* between groups of three digits: "," */
    const char *decimal;         /* "." */
    const char *dash;            /* unknown: "–" */
    const char *pending;         /* not measured yet: "..." */
    const char *yes;             /* "Yes" */
    const char *yes_shared;      /* "Yes (%1)", %1 the shared tag */
    const char *all;             /* "All" */
    const char *grows_in;        /* "%1 in %2 grows %3 a minute, steadily for %4 minutes" */
    const char *grows;           /* "%1 grows %2 a minute, steadily for %3 minutes" */
    const char *rising;          /* "rising" */
    const char *falling;         /* "falling" */
    const char *level;           /* "level" */
    const char *chart;           /* "%1, last 10 minutes: %2 to %3, %4" */
    const char *chart_empty;     /* "%1, last 10 minutes: not measured yet" */
    const char *unnamed_process; /* "Process %1", %1 the PID */
};
extern const struct rows_words rows_words_english;

/* Numbers. Minus is U+2212. All append. */
void rows_add_count(struct text *out, uint64_t n, const struct rows_words *w);
void rows_add_change(struct text *out, int64_t n, const struct rows_words *w); /* signed, zero plain */
void rows_add_rate(struct text *out, const struct snapshot_rate *r, const struct rows_words *w);

/* Puts args[0] for %1 and so on. */
void rows_add_pattern(struct text *out, const char *pattern, const char *const *args, size_t count);

enum rows_trend { ROWS_UNKNOWN, ROWS_LEVEL, ROWS_RISING, ROWS_FALLING };
enum rows_trend rows_trend_of(const struct snapshot_rate *r, uint64_t open);
const char *rows_trend_word(enum rows_trend t, const struct rows_words *w); /* unknown: the dash */

/* What the session records, or would record. */
struct rows_filter {
    bool all;
    size_t tag_count; /* when not all */
    const uint32_t *tags;
};

/* Order. Rows keep their place for at least three seconds and while the user is at them; values change at once. */
#define ROWS_ORDER_MS 3000
#define ROWS_KEY_MS   2000

enum type_column {
    TYPE_COLUMN_NAME,
    TYPE_COLUMN_OPEN,
    TYPE_COLUMN_CHANGE,
    TYPE_COLUMN_PEAK,
    TYPE_COLUMN_RATE,
    TYPE_COLUMN_RECORDED,
    TYPE_COLUMN_HISTORY, /* sorts by rate; text is the trend's word */
    TYPE_COLUMN_TOP,
    TYPE_COLUMN_ALWAYS, /* the columns after it come from the trace: shown while a recording counts live events */
    TYPE_COLUMN_CREATED = TYPE_COLUMN_ALWAYS,
    TYPE_COLUMN_CLOSED,
    TYPE_COLUMN_DUPLICATED,
    TYPE_COLUMN_COUNT
};
enum process_column {
    PROCESS_COLUMN_NAME,
    PROCESS_COLUMN_PID,
    PROCESS_COLUMN_OPEN,
    PROCESS_COLUMN_CHANGE,
    PROCESS_COLUMN_RATE,
    PROCESS_COLUMN_COUNT
};

struct rows_id {
    uint64_t a; /* type: its index in the snapshots; process: pid */
    uint64_t b; /* process: start time */
};

struct row {
    struct rows_id id;
    size_t index; /* into the snapshot's types or holdings */
};

/* Rows of one list. Zero-initialise through rows_init; read the fields, change them through the functions. */
struct rows {
    const struct snapshot *snap; /* a reference of our own, or NULL */
    bool processes;              /* rows are holdings of `type`, else types */
    size_t type;                 /* SIZE_MAX: none */
    size_t count;
    struct row *row;
    size_t cap;
    int column; /* that the rows are sorted by; at first Change, descending. Equal rows: Open now descending, then name
                 */
    bool descending;
    bool dirty;        /* sort at the next update, whatever the time */
    uint64_t order_ms; /* when the order last changed */
    bool selected;     /* `id` is the selected row's, even while it is not in the list */
    struct rows_id id;
    const struct live_counts *live; /* borrowed; NULL: no live events are counted */
    struct rows_filter filter;      /* for sorting by and showing Recorded; tags are borrowed */
};

void rows_init(struct rows *r, bool processes);
void rows_free(struct rows *r);

/* Shows another snapshot (NULL: none). `type` counts for process rows only: the type whose holders are shown, SIZE_MAX
 * for none. `held`: the user is at the list now, keep the order. `now_ms`: any clock that does not go back. Returns
 * false when memory is short; the rows are then empty. *moved (may be NULL) is set when some row changed its place. */
bool rows_update(struct rows *r, const struct snapshot *s, size_t type, bool held, uint64_t now_ms, bool *moved);

/* Sorts by this column at once; a second time: the other way round. Numbers start descending, names ascending. */
void rows_sort_by(struct rows *r, int column, uint64_t now_ms);

size_t rows_find(const struct rows *r, struct rows_id id); /* SIZE_MAX: not there */
size_t rows_selected(const struct rows *r);                /* the selected row's place, SIZE_MAX: none or not there */
void rows_select(struct rows *r, size_t row);              /* SIZE_MAX: nothing */

const struct snapshot_type *rows_type_at(const struct rows *r, size_t row);
const struct snapshot_holding *rows_holding_at(const struct rows *r, size_t row);
/* What a column from the trace holds for this type; false: live events do not tell it. */
bool rows_live_count(const struct rows *r, const struct snapshot_type *t, int column, uint64_t *out);
bool rows_is_suspect(const struct rows *r, size_t row);

/* The text of one cell (enum type_column or process_column). */
void rows_add_cell(struct text *out, const struct rows *r, size_t row, int column, const struct rows_words *w);

/* The sentence about one suspect row; nothing for others. */
void rows_add_reason(struct text *out, const struct rows *r, size_t row, const struct rows_words *w);

/* The sentence for the window's bar: the suspect that grows fastest, its process when one is to blame. Returns false
 * and adds nothing when there is no suspect. *type (may be NULL): which. */
bool rows_add_bar(struct text *out, const struct snapshot *s, size_t *type, const struct rows_words *w);

/* What a screen reader says of the chart: "Event, last 10 minutes: 1,020 to 5,832, rising" (lowest to highest). */
void rows_add_chart(struct text *out, const struct snapshot_type *t, const struct rows_words *w);

#endif
