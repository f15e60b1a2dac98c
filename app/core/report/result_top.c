/* Adds up a row's groups by the stack that opened them. */
#include "core/report/result_top.h"

struct sums {
    const struct result_tree *tree;
    struct life_groups by_stack;
    bool leaks;
    uint64_t all;
};

static bool add(struct sums *s, uint32_t group)
{
    const struct result_group *g = &s->tree->set->groups[group];
    const struct life_counts *c = &g->counts;
    uint64_t n = s->leaks ? c->leaked + c->leaked_at_exit : c->preexisting + c->created + c->duplicated;
    struct life_group *sum = n ? life_groups_at(&s->by_stack, 0, 0, g->stack) : NULL;
    if (sum)
        sum->counts.created += n;
    s->all += n;
    return sum || !n;
}

static bool add_node(struct sums *s, uint32_t node)
{
    const struct result_tree *t = s->tree;
    const struct result_node *n = &t->nodes[node];
    bool ok = true;
    for (uint32_t g = n->first_group; ok && g != UINT32_MAX; g = t->next_group[g])
        ok = add(s, g);
    for (uint32_t i = n->first; ok && i < n->first + n->children; i++)
        ok = add_node(s, t->sorted[i]);
    return ok;
}

bool result_top_stack(const struct result_tree *t, uint32_t node, struct result_top *out)
{
    const struct life_counts *c = &t->nodes[node].counts;
    struct sums s = {.tree = t, .leaks = t->view.only_leaks || c->leaked + c->leaked_at_exit};
    bool ok = add_node(&s, node);
    struct result_top top = {.of = s.all};
    for (uint32_t i = 0; i < s.by_stack.count; i++) {
        const struct life_group *g = &s.by_stack.list[i];
        if (g->counts.created <= top.count)
            continue;
        top.stack = g->stack;
        top.count = g->counts.created;
    }
    life_groups_free(&s.by_stack);
    if (ok)
        *out = top;
    return ok;
}
