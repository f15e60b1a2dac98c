/* Inside of the .wprp reader: the nodes as they came, in document order. Used by wprp.c and wprp_read.c only. */
#ifndef HR_PROFILE_WPRP_TREE_H
#define HR_PROFILE_WPRP_TREE_H

#include "core/profile/wprp.h"

#define WPRP_NO_NODE SIZE_MAX

struct wprp_attr {
    char *name;
    char *value;
    struct wprp_place at;
};

struct wprp_node {
    char *name;
    struct wprp_place at;
    struct wprp_place text_at; /* of the first text that is not white space; line 0: none */
    size_t parent;             /* WPRP_NO_NODE for the root; always before the node itself */
    size_t first_attr;
    size_t attr_count;
    bool meant; /* wprp_read.c: it stands where its meaning is known, as do all its parents */
};

struct wprp {
    char file[64];
    bool failed;
    struct wprp_node *nodes;
    size_t node_count;
    size_t node_cap;
    struct wprp_attr *attrs;
    size_t attr_count;
    size_t attr_cap;
    size_t ids[WPRP_MAX_IDS]; /* meant nodes that have an Id, in document order */
    size_t id_count;
    size_t bytes;   /* of all names and values */
    size_t current; /* the open element, WPRP_NO_NODE outside of the root */
    size_t depth;
    bool taking_attributes; /* the open element has no content yet */
};

/* Sets the error "file(line,column): ..." and makes the sink refuse from now on. Returns false. */
bool wprp_refuse(struct wprp *w, struct wprp_place at, struct err *err, const char *fmt, ...) ERR_PRINTF(4, 5);

/* A foreign word as it may stand in a message: shortened, control characters replaced. */
struct wprp_word {
    char s[48];
};
struct wprp_word wprp_word(const char *s);

/* The attribute, or NULL. */
const struct wprp_attr *wprp_find_attr(const struct wprp *w, size_t node, const char *name);

/* What a profile holds and this program leaves out, each thing once with its count. All zero is empty. */
#define WPRP_LEFT_OUT_MAX 16
struct wprp_left_out {
    struct {
        char what[64];
        unsigned times;
    } items[WPRP_LEFT_OUT_MAX];
    unsigned count;
    bool more;              /* things beyond the list */
    struct wprp_exam *exam; /* NULL, or where each is noted with its place */
};
/* `name` may be NULL. */
void wprp_leave_out(struct wprp_left_out *l, struct wprp_place at, const char *kind, const char *name);
void wprp_print_left_out(const struct wprp_left_out *l, char *out, size_t size);

/* Checks every node against what the schema says: marks the meant ones, notes known ones that are not understood, and
 * refuses all others. */
bool wprp_check_schema(struct wprp *w, struct wprp_left_out *left, struct err *err);

/* What system providers switch on. */
#define WPRP_MAX_OTHERS 24
struct wprp_flags {
    bool handle;
    unsigned stacks; /* PROFILE_STACK_* */
    struct {
        const char *kind; /* one of two constants; compared by address */
        const char *name; /* belongs to the tree */
        struct wprp_place at;
    } others[WPRP_MAX_OTHERS]; /* keywords and stacks that this program does not record; more are not listed */
    unsigned other_count;
};

/* One <Profile>, its references and bases resolved. */
struct wprp_reading {
    struct wprp_flags flags;
    bool realtime;
    uint32_t buffer_kb;
    uint32_t buffers;
    uint32_t memory_percent;
    bool stack_cache;
    uint32_t cache_kb;
    uint32_t cache_buckets;
    bool circular;
    uint32_t max_file_mb;
};
bool wprp_read_profile(struct wprp *w, size_t profile, struct wprp_reading *r, struct err *err);

/* Words of attributes, checked by wprp_check_schema. */
enum wprp_operation { WPRP_SET, WPRP_ADD, WPRP_REMOVE };
enum wprp_operation wprp_operation(const struct wprp *w, size_t node);
bool wprp_is_true(const struct wprp *w, size_t node, const char *attr); /* false when it is not there */

#endif
