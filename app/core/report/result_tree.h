/* The rows of the results window: a tree of groups under a chosen order of columns, of which some is unfolded. Pure;
 * one thread. Rows are known by `id`, which stays the same when others appear, go or trade places. */
#ifndef HR_REPORT_RESULT_TREE_H
#define HR_REPORT_RESULT_TREE_H

#include "core/report/result_set.h"

struct result_view {
    enum result_column levels[RESULT_COLUMN_COUNT]; /* each once */
    unsigned level_count;                           /* at least 1 */
    bool only_leaks;
    const char *filter; /* text that any level, or a frame of a stack, has in it; "" or with * and ? */
};

enum result_row_kind {
    RESULT_ROW_GROUP,
    RESULT_ROW_LIFE, /* a single handle */
    RESULT_ROW_MORE, /* so many handles are not kept one by one */
};

struct result_row {
    uint64_t id;
    enum result_row_kind kind;
    uint32_t node; /* LIFE and MORE: of the group it lies in */
    uint32_t life; /* LIFE only: into result_set.lives */
    uint64_t more; /* MORE only */
    unsigned depth;
};

struct result_node {
    uint64_t id;
    uint32_t parent; /* UINT32_MAX: it lies at the top */
    uint32_t value;  /* what its column has here */
    uint32_t first;  /* its children, biggest first: places in result_tree.sorted */
    uint32_t children;
    uint32_t group;       /* the one with most leaks, else with most handles */
    uint32_t first_group; /* of the chain of its groups; of the last level only */
    unsigned level;
    struct life_counts counts;
    bool unfolded;
};

struct result_tree {
    struct result_set *set;  /* not owned */
    struct result_view view; /* its filter is empty: only result_tree_build looks at it */
    struct result_node *nodes;
    uint32_t node_count;
    struct result_row *rows; /* what is unfolded, from top to bottom */
    uint32_t count;
    uint64_t matching; /* handles that pass the filter, also those that are no leaks */
    /* Inside. */
    uint32_t *sorted;
    uint32_t *next_group;
    uint32_t top_first, top_children;
    uint32_t node_room, row_room;
    uint64_t filter_hash; /* 0: none */
};

/* Makes the rows anew. What was unfolded stays so while it is to be seen; another order of columns or another filter
 * unfolds the heaviest path. False for want of memory: the rows are as before. Start with all zero but `set`. */
bool result_tree_build(struct result_tree *t, const struct result_view *view);
void result_tree_free(struct result_tree *t); /* not the set */

bool result_tree_can_unfold(const struct result_tree *t, uint32_t row);
/* These return false for want of memory; then nothing changed. */
bool result_tree_unfold(struct result_tree *t, uint32_t row, bool unfolded);
bool result_tree_unfold_all(struct result_tree *t);

/* The row with this id; UINT32_MAX: it is not to be seen. */
uint32_t result_tree_find(const struct result_tree *t, uint64_t id);
uint32_t result_tree_parent(const struct result_tree *t, uint32_t row); /* UINT32_MAX: none */
/* The row to begin with: the last of the heaviest path. UINT32_MAX: there are no rows. */
uint32_t result_tree_heaviest(const struct result_tree *t);

/* What a column says of the group: a process, a type, a name, a lifetime, a frame. */
uint32_t result_value(const struct result_set *s, const struct result_group *g, enum result_column column);

#endif
