/* What the editor says beside its fields: slots, fellows, its notice, and what is chosen costs. */
#include "core/base/text.h"
#include "core/editor/editor.h"
#include "core/editor/editor_words.h"
#include "core/record/profile_text.h"

#include <stdio.h>

void editor_slots(const struct editor *e, const struct view_locale *l, char *out, size_t size)
{
    struct text tags = {0};
    for (unsigned i = 0; i < e->types.tag_count; i++) {
        char tag[5];
        profile_tag_text(e->types.tags[i], tag);
        if (i)
            text_add(&tags, view_word(l, WORD_COMMA));
        text_add(&tags, tag);
    }
    char number[16];
    snprintf(number, sizeof number, "%u", e->types.tag_count);
    unsigned id = !e->now.only_types   ? EDITOR_WORD_SLOTS_ALL
                  : e->types.tag_count ? EDITOR_WORD_SLOTS
                                       : EDITOR_WORD_SLOTS_NONE;
    view_say(out, size, l, id, number, text_str(&tags));
    text_free(&tags);
}

void editor_slots_name(const struct editor *e, const struct view_locale *l, char *out, size_t size)
{
    char number[16];
    snprintf(number, sizeof number, "%u", e->now.only_types ? e->types.tag_count : 0);
    view_say(out, size, l, EDITOR_WORD_SLOTS_NAME, number, NULL);
}

void editor_fellows(const struct editor *e, size_t row, const struct view_locale *l, char *out, size_t size)
{
    out[0] = 0;
    unsigned n = e->types.rows[row].fellows;
    if (n < 2)
        return;
    char number[16];
    snprintf(number, sizeof number, "%u", n);
    view_say(out, size, l, EDITOR_WORD_TOGETHER, number, NULL);
}

void editor_notice(const struct editor *e, const struct view_locale *l, char *out, size_t size)
{
    unsigned id =
        e->mode == EDITOR_NEW && e->profile.foreign ? EDITOR_WORD_NOTICE_COPY : EDITOR_WORD_NOTICE + (unsigned)e->mode;
    text_put(out, size, view_word(l, id));
}

void editor_estimate(const struct editor *e, const struct view_locale *l, char *out, size_t size)
{
    struct profile p;
    editor_take(e, &p);
    profile_span_text(e->facts.rates, &p, e->facts.memory_bytes, l, out, size);
}

static void cost_text(const struct editor *e, unsigned stack, const struct view_locale *l, char *out, size_t size)
{
    struct profile p;
    struct span_switch cost;
    editor_take(e, &p);
    if (!e->facts.rates || !span_of_switch(e->facts.rates, &p, stack, e->facts.memory_bytes, &cost)) {
        profile_switch_text(NULL, stack, l, out, size);
        return;
    }
    if (cost.with_s > 0) {
        profile_switch_text(&cost, stack, l, out, size);
        return;
    }
    char share[16];
    snprintf(share, sizeof share, "%u", (unsigned)(cost.share * 100 + 0.5));
    view_say(out, size, l, EDITOR_WORD_SHARE, share, NULL);
}

void editor_cost(const struct editor *e, unsigned stack, const struct view_locale *l, char *out, size_t size)
{
    char cost[160];
    unsigned what = stack == PROFILE_STACK_CREATE      ? EDITOR_WORD_CREATE
                    : stack == PROFILE_STACK_DUPLICATE ? EDITOR_WORD_DUPLICATE
                                                       : EDITOR_WORD_CLOSE;
    cost_text(e, stack, l, cost, sizeof cost);
    struct text t = {0};
    text_add(&t, view_word(l, what));
    if (t.len && cost[0])
        text_add(&t, "\n");
    text_add(&t, cost);
    text_put(out, size, text_str(&t));
    text_free(&t);
}
