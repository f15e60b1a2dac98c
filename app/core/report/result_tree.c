/* Adds groups up along their levels, sorts them, and lists what is unfolded. */
#include "core/report/result_tree.h"

#include "core/ledger/grow.h"
#include "core/report/result_filter.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

static uint32_t frame_value(const struct result_set *s, uint32_t stack)
{
    uint32_t frame = s->stacks[stack].frame;
    return frame == NONE ? NONE : s->report->frames[frame].function;
}

uint32_t result_value(const struct result_set *s, const struct result_group *g, enum result_column column)
{
    switch (column) {
    case RESULT_PROCESS:
        return g->process;
    case RESULT_CREATOR:
        return g->actor;
    case RESULT_TYPE:
        return g->type;
    case RESULT_NAME:
        return g->name;
    case RESULT_LIFETIME:
        return g->lifetime;
    case RESULT_CLOSE_STACK:
        return frame_value(s, g->close_stack);
    case RESULT_CREATE_STACK:
        return frame_value(s, g->stack);
    case RESULT_COLUMN_COUNT:
        break;
    }
    return NONE;
}

static uint64_t leaks_of(const struct life_counts *c)
{
    return c->leaked + c->leaked_at_exit;
}

/* All handles that rows can be about. */
static uint64_t handles_of(const struct life_counts *c)
{
    return c->preexisting + c->created + c->duplicated;
}

/* The nodes by parent and value, while they are made. */
struct node_slots {
    uint32_t *list;
    uint32_t count;
};

static uint64_t node_id(uint64_t parent, unsigned level, uint32_t value)
{
    return hash_two(parent + level + 1, value);
}

static bool rehash(const struct result_tree *t, struct node_slots *slots)
{
    uint32_t count = slots->count ? slots->count * 2 : 1024;
    uint32_t *list = count ? calloc(count, sizeof *list) : NULL;
    if (!list)
        return false;
    for (uint32_t i = 0; i < t->node_count; i++) {
        uint32_t at = (uint32_t)t->nodes[i].id & (count - 1);
        while (list[at])
            at = (at + 1) & (count - 1);
        list[at] = i + 1;
    }
    free(slots->list);
    slots->list = list;
    slots->count = count;
    return true;
}

/* The child of `parent` for this value, made when it is new; NONE for want of memory. */
static uint32_t node_at(struct result_tree *t, struct node_slots *slots, uint32_t parent, unsigned level,
                        uint32_t value)
{
    if ((uint64_t)t->node_count * 2 >= slots->count && !rehash(t, slots))
        return NONE;
    uint64_t id = node_id(parent == NONE ? 0 : t->nodes[parent].id, level, value);
    uint32_t at = (uint32_t)id & (slots->count - 1);
    for (; slots->list[at]; at = (at + 1) & (slots->count - 1)) {
        const struct result_node *n = &t->nodes[slots->list[at] - 1];
        if (n->parent == parent && n->value == value)
            return slots->list[at] - 1;
    }
    if (!grow_list(&t->nodes, &t->node_room, t->node_count + 1, sizeof *t->nodes))
        return NONE;
    t->nodes[t->node_count] = (struct result_node){
        .id = id, .parent = parent, .value = value, .group = NONE, .first_group = NONE, .level = level};
    slots->list[at] = ++t->node_count;
    return t->node_count - 1;
}

static bool is_bigger(const struct result_set *s, uint32_t group, uint32_t than)
{
    if (than == NONE)
        return true;
    const struct life_counts *a = &s->groups[group].counts;
    const struct life_counts *b = &s->groups[than].counts;
    return leaks_of(a) != leaks_of(b) ? leaks_of(a) > leaks_of(b) : handles_of(a) > handles_of(b);
}

/* Adds a group to the nodes of all levels. */
static bool add_group(struct result_tree *t, struct node_slots *slots, uint32_t group)
{
    const struct result_group *g = &t->set->groups[group];
    uint32_t node = NONE;
    for (unsigned level = 0; level < t->view.level_count; level++) {
        node = node_at(t, slots, node, level, result_value(t->set, g, t->view.levels[level]));
        if (node == NONE || !t->nodes)
            return false;
        struct result_node *n = &t->nodes[node];
        life_counts_add(&n->counts, &g->counts);
        if (is_bigger(t->set, group, n->group))
            n->group = group;
    }
    if (node == NONE || !t->nodes)
        return false;
    t->next_group[group] = t->nodes[node].first_group;
    t->nodes[node].first_group = group;
    t->matching += handles_of(&g->counts);
    return true;
}

static bool add_groups(struct result_tree *t, struct node_slots *slots, const char *filter)
{
    uint8_t *passes = result_filter(t->set, filter);
    t->next_group = passes ? calloc(t->set->group_count + (size_t)1, sizeof *t->next_group) : NULL;
    bool ok = t->next_group != NULL;
    for (uint32_t i = 0; ok && i < t->set->group_count; i++)
        ok = !passes[i] || add_group(t, slots, i);
    free(passes);
    return ok;
}

struct node_place {
    const struct result_node *node;
};

static int by_place(const void *left, const void *right)
{
    const struct result_node *a = ((const struct node_place *)left)->node;
    const struct result_node *b = ((const struct node_place *)right)->node;
    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    int order = life_counts_order(&a->counts, &b->counts);
    if (order)
        return order;
    return a->value < b->value ? -1 : a->value > b->value;
}

/* Children stand side by side, biggest first. Those without leaks are left out when only leaks are asked for. */
static bool sort_nodes(struct result_tree *t)
{
    struct node_place *order = malloc((t->node_count + (size_t)1) * sizeof *order);
    t->sorted = order ? malloc((t->node_count + (size_t)1) * sizeof *t->sorted) : NULL;
    uint32_t count = 0;
    if (!t->sorted) {
        free(order);
        return false;
    }
    for (uint32_t i = 0; i < t->node_count; i++)
        if (!t->view.only_leaks || leaks_of(&t->nodes[i].counts))
            order[count++].node = &t->nodes[i];
    if (count)
        qsort(order, count, sizeof *order, by_place);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t parent = order[i].node->parent;
        uint32_t *first = parent == NONE ? &t->top_first : &t->nodes[parent].first;
        uint32_t *children = parent == NONE ? &t->top_children : &t->nodes[parent].children;
        if (!(*children)++)
            *first = i;
        t->sorted[i] = (uint32_t)(order[i].node - t->nodes);
    }
    free(order);
    return true;
}

static struct result_row *add_row(struct result_tree *t, uint64_t id, enum result_row_kind kind, uint32_t node)
{
    if (t->count == UINT32_MAX - 1 || !grow_list(&t->rows, &t->row_room, t->count + 1, sizeof *t->rows))
        return NULL;
    struct result_row *row = &t->rows[t->count++];
    *row = (struct result_row){
        .id = id, .kind = kind, .node = node, .life = NONE, .depth = t->nodes[node].level + (kind != RESULT_ROW_GROUP)};
    return row;
}

static uint64_t shown_of(const struct result_tree *t, const struct life_counts *c)
{
    return t->view.only_leaks ? leaks_of(c) : handles_of(c);
}

struct life_place {
    int64_t opened;
    uint32_t life;
};

static int by_opening(const void *left, const void *right)
{
    const struct life_place *a = left;
    const struct life_place *b = right;
    if (a->opened != b->opened)
        return a->opened < b->opened ? -1 : 1;
    return a->life < b->life ? -1 : a->life > b->life;
}

/* The single handles of a node of the last level, in order of opening. False for want of memory. */
static bool gather_lives(const struct result_tree *t, const struct result_node *n, struct life_place **out,
                         uint32_t *count)
{
    uint32_t room = 0;
    *out = NULL;
    *count = 0;
    for (uint32_t g = n->first_group; g != NONE; g = t->next_group[g]) {
        const struct result_group *group = &t->set->groups[g];
        for (uint32_t i = group->first_life; i < group->first_life + group->life_count; i++) {
            const struct result_life *life = &t->set->lives[i];
            if (t->view.only_leaks && !result_life_leaked(life))
                continue;
            if (!grow_list(out, &room, *count + 1, sizeof **out)) {
                free(*out);
                return false;
            }
            (*out)[(*count)++] = (struct life_place){life->opened, i};
        }
    }
    if (*count)
        qsort(*out, *count, sizeof **out, by_opening);
    return true;
}

static bool list_lives(struct result_tree *t, uint32_t node)
{
    const struct result_node *n = &t->nodes[node];
    struct life_place *places = NULL;
    uint32_t count = 0;
    if (!gather_lives(t, n, &places, &count))
        return false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < count; i++) {
        struct result_row *row = add_row(t, hash_two(~n->id, places[i].life), RESULT_ROW_LIFE, node);
        ok = row != NULL;
        if (ok)
            row->life = places[i].life;
    }
    free(places);
    uint64_t all = shown_of(t, &n->counts);
    if (ok && all > count) {
        struct result_row *row = add_row(t, hash_two(~n->id, NONE), RESULT_ROW_MORE, node);
        ok = row != NULL;
        if (ok)
            row->more = all - count;
    }
    return ok;
}

static bool list_nodes(struct result_tree *t, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        uint32_t node = t->sorted[i];
        const struct result_node *n = &t->nodes[node];
        if (!add_row(t, n->id, RESULT_ROW_GROUP, node))
            return false;
        bool last = n->level + 1 == t->view.level_count;
        if (n->unfolded && !(last ? list_lives(t, node) : list_nodes(t, n->first, n->children)))
            return false;
    }
    return true;
}

/* Into new memory: the old rows stay when it is short. */
static bool list_rows(struct result_tree *t)
{
    struct result_row *old = t->rows;
    uint32_t old_count = t->count;
    uint32_t old_room = t->row_room;
    t->rows = NULL;
    t->count = t->row_room = 0;
    if (list_nodes(t, t->top_first, t->top_children)) {
        free(old);
        return true;
    }
    free(t->rows);
    t->rows = old;
    t->count = old_count;
    t->row_room = old_room;
    return false;
}

static void unfold_heaviest(struct result_tree *t)
{
    uint32_t first = t->top_first;
    uint32_t children = t->top_children;
    while (children) {
        struct result_node *n = &t->nodes[t->sorted[first]];
        n->unfolded = n->level + 1 < t->view.level_count;
        first = n->first;
        children = n->children;
    }
}

/* What was unfolded before, by id. */
static void keep_unfolded(struct result_tree *t, const struct node_slots *slots, const struct result_tree *before)
{
    for (uint32_t i = 0; slots->count && i < before->node_count; i++) {
        uint64_t id = before->nodes[i].id;
        uint32_t at = (uint32_t)id & (slots->count - 1);
        while (before->nodes[i].unfolded && slots->list[at] && t->nodes[slots->list[at] - 1].id != id)
            at = (at + 1) & (slots->count - 1);
        if (before->nodes[i].unfolded && slots->list[at])
            t->nodes[slots->list[at] - 1].unfolded = true;
    }
}

static bool same_levels(const struct result_view *a, const struct result_view *b)
{
    return a->level_count == b->level_count && !memcmp(a->levels, b->levels, a->level_count * sizeof a->levels[0]);
}

static uint64_t hash_text(const char *s)
{
    uint64_t h = 0;
    for (; *s; s++)
        h = hash_two(h, (unsigned char)*s);
    return h;
}

bool result_tree_build(struct result_tree *t, const struct result_view *view)
{
    struct result_tree new = {.set = t->set, .view = *view, .filter_hash = hash_text(view->filter)};
    struct node_slots slots = {0};
    new.view.filter = "";
    bool ok = add_groups(&new, &slots, view->filter) && sort_nodes(&new);
    if (ok) {
        bool same = t->nodes && same_levels(&t->view, view);
        if (same)
            keep_unfolded(&new, &slots, t);
        if (!same || (new.filter_hash &&new.filter_hash != t->filter_hash))
            unfold_heaviest(&new);
        ok = list_rows(&new);
    }
    free(slots.list);
    if (!ok) {
        result_tree_free(&new);
        return false;
    }
    result_tree_free(t);
    *t = new;
    return true;
}

void result_tree_free(struct result_tree *t)
{
    free(t->nodes);
    free(t->rows);
    free(t->sorted);
    free(t->next_group);
    memset(t, 0, sizeof *t);
}

bool result_tree_can_unfold(const struct result_tree *t, uint32_t row)
{
    if (t->rows[row].kind != RESULT_ROW_GROUP)
        return false;
    const struct result_node *n = &t->nodes[t->rows[row].node];
    return n->level + 1 == t->view.level_count ? shown_of(t, &n->counts) != 0 : n->children != 0;
}

bool result_tree_unfold(struct result_tree *t, uint32_t row, bool unfolded)
{
    struct result_node *n = &t->nodes[t->rows[row].node];
    if (!result_tree_can_unfold(t, row) || n->unfolded == unfolded)
        return true;
    n->unfolded = unfolded;
    if (list_rows(t))
        return true;
    n->unfolded = !unfolded;
    return false;
}

bool result_tree_unfold_all(struct result_tree *t)
{
    uint8_t *before = calloc(t->node_count + (size_t)1, 1);
    if (!before)
        return false;
    for (uint32_t i = 0; i < t->node_count; i++) {
        before[i] = t->nodes[i].unfolded;
        t->nodes[i].unfolded = true;
    }
    bool ok = list_rows(t);
    for (uint32_t i = 0; !ok && i < t->node_count; i++)
        t->nodes[i].unfolded = before[i] != 0;
    free(before);
    return ok;
}

uint32_t result_tree_find(const struct result_tree *t, uint64_t id)
{
    for (uint32_t i = 0; i < t->count; i++)
        if (t->rows[i].id == id)
            return i;
    return NONE;
}

uint32_t result_tree_parent(const struct result_tree *t, uint32_t row)
{
    unsigned depth = t->rows[row].depth;
    for (uint32_t i = row; i-- > 0;)
        if (t->rows[i].depth < depth)
            return i;
    return NONE;
}

uint32_t result_tree_heaviest(const struct result_tree *t)
{
    uint32_t row = NONE;
    for (uint32_t i = 0; i < t->count && t->rows[i].depth == i; i++)
        row = i;
    return row;
}
