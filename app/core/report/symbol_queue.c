/* A list of questions and one of answers, and the thread between them. What they share belongs to whoever of owner and
 * thread is the last to leave. */
#include "core/report/symbol_queue.h"

#include "core/base/thread.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

/* Longer limits than a day are none. */
#define WAIT_MAX_MS 86400000u

struct question {
    uint32_t id;
    uint64_t offset;
    char *path;
    char *pdb;
    struct ledger_image image;
};

struct answer {
    uint32_t id;
    char *name; /* NULL: none */
};

/* First in, first out: [at, count) of a growing array. */
struct symbol_queue {
    struct mutex lock;
    struct cond changed;
    struct question *questions; /* owner adds, thread takes */
    uint32_t question_at, question_count, question_room;
    struct answer *answers; /* thread adds, owner takes */
    uint32_t answer_at, answer_count, answer_room;
    uint32_t waiting; /* asked and not taken into `answers` yet */
    bool closed;      /* the owner has left */
    struct symbol_source source;
    struct symbol_notice notice;
};

static void free_question(struct question *x)
{
    free(x->path);
    free(x->pdb);
}

static void free_queue(struct symbol_queue *q)
{
    for (uint32_t i = q->question_at; i < q->question_count; i++)
        free_question(&q->questions[i]);
    for (uint32_t i = q->answer_at; i < q->answer_count; i++)
        free(q->answers[i].name);
    free(q->questions);
    free(q->answers);
    cond_destroy(&q->changed);
    mutex_destroy(&q->lock);
    free(q);
}

/* Waits for a question; false: the owner has left. */
static bool next_question(struct symbol_queue *q, struct question *out)
{
    mutex_lock(&q->lock);
    while (!q->closed && q->question_at == q->question_count)
        cond_wait(&q->changed, &q->lock);
    bool any = !q->closed;
    if (any) {
        *out = q->questions[q->question_at++];
        if (q->question_at == q->question_count)
            q->question_at = q->question_count = 0;
    }
    mutex_unlock(&q->lock);
    return any;
}

static void put_answer(struct symbol_queue *q, struct answer a)
{
    mutex_lock(&q->lock);
    bool first = q->answer_at == q->answer_count;
    /* Room for it was made when it was asked. */
    q->answers[q->answer_count++] = a;
    q->waiting--;
    cond_broadcast(&q->changed);
    if (first && !q->closed && q->notice.call)
        q->notice.call(q->notice.ctx);
    mutex_unlock(&q->lock);
}

static void work(void *ctx)
{
    struct symbol_queue *q = ctx;
    struct question x;
    while (next_question(q, &x)) {
        struct text name = {0};
        const struct symbol_ask ask = {.path = x.path, .pdb = x.pdb, .image = &x.image, .offset = x.offset};
        bool found = q->source.find(q->source.ctx, &ask, &name) && !name.failed && name.len;
        put_answer(q, (struct answer){x.id, found ? name.s : NULL});
        if (!found)
            text_free(&name);
        free_question(&x);
    }
    if (q->source.close)
        q->source.close(q->source.ctx);
    free_queue(q);
}

static struct symbol_queue *new_queue(const struct symbol_source *source, const struct symbol_notice *notice,
                                      struct err *err)
{
    struct symbol_queue *q = calloc(1, sizeof *q);
    if (!q) {
        err_set(err, ERR_NO_MEMORY, "Looking up the names of functions");
        return NULL;
    }
    q->source = *source;
    q->notice = notice ? *notice : (struct symbol_notice){0};
    mutex_init(&q->lock);
    cond_init(&q->changed);
    return q;
}

bool symbol_queue_open(const struct symbol_source *source, const struct symbol_notice *notice,
                       struct symbol_queue **out, struct err *err)
{
    struct thread *thread = NULL;
    struct symbol_queue *q = new_queue(source, notice, err);
    if (!q || !thread_start("symbols", work, q, &thread, err)) {
        if (q)
            free_queue(q);
        if (source->close)
            source->close(source->ctx);
        return false;
    }
    /* It may stand in a call that does not return for minutes: nobody waits for its end. */
    thread_leave(thread);
    *out = q;
    return true;
}

/* Moves what is left to the front when there is no room behind it. */
static bool make_room(void *list, uint32_t *at, uint32_t *count, uint32_t *room, uint32_t more, size_t size)
{
    char *bytes = *(char **)list;
    if (*at && *count + more > *room) {
        memmove(bytes, bytes + *at * size, (*count - *at) * size);
        *count -= *at;
        *at = 0;
    }
    return grow_array(list, room, *count + more, size);
}

bool symbol_queue_ask(struct symbol_queue *q, uint32_t id, const struct symbol_ask *ask, struct err *err)
{
    struct question x = {.id = id, .offset = ask->offset, .image = *ask->image};
    x.path = text_copy(ask->path);
    x.pdb = text_copy(ask->pdb);
    mutex_lock(&q->lock);
    bool ok =
        x.path && x.pdb &&
        make_room(&q->answers, &q->answer_at, &q->answer_count, &q->answer_room, q->waiting + 1, sizeof *q->answers) &&
        make_room(&q->questions, &q->question_at, &q->question_count, &q->question_room, 1, sizeof *q->questions);
    if (ok) {
        q->questions[q->question_count++] = x;
        q->waiting++;
        cond_broadcast(&q->changed);
    }
    mutex_unlock(&q->lock);
    if (!ok)
        free_question(&x);
    return ok || err_set(err, ERR_NO_MEMORY, "Looking up the names of functions");
}

static bool take(struct symbol_queue *q, uint32_t *id, struct text *name)
{
    if (q->answer_at == q->answer_count)
        return false;
    struct answer a = q->answers[q->answer_at++];
    if (q->answer_at == q->answer_count)
        q->answer_at = q->answer_count = 0;
    *id = a.id;
    text_clear(name);
    if (a.name)
        text_add(name, a.name);
    free(a.name);
    return true;
}

bool symbol_queue_take(struct symbol_queue *q, uint32_t *id, struct text *name)
{
    return symbol_queue_wait(q, 0, id, name);
}

bool symbol_queue_wait(struct symbol_queue *q, uint32_t ms, uint32_t *id, struct text *name)
{
    uint64_t until = clock_ns() + ms * (uint64_t)1000000;
    mutex_lock(&q->lock);
    bool any = take(q, id, name);
    for (uint64_t now = 0; !any && ms && (now = clock_ns()) < until;) {
        cond_wait_ms(&q->changed, &q->lock, (uint32_t)((until - now) / 1000000 + 1));
        any = take(q, id, name);
    }
    mutex_unlock(&q->lock);
    return any;
}

uint32_t symbol_queue_waiting(struct symbol_queue *q)
{
    mutex_lock(&q->lock);
    uint32_t waiting = q->waiting;
    mutex_unlock(&q->lock);
    return waiting;
}

void symbol_queue_close(struct symbol_queue *q)
{
    if (!q)
        return;
    /* Only the thread closes the source, and it cannot while this holds the lock. */
    mutex_lock(&q->lock);
    q->closed = true;
    if (q->source.cancel)
        q->source.cancel(q->source.ctx);
    cond_broadcast(&q->changed);
    mutex_unlock(&q->lock);
}

void symbol_wait_start(struct symbol_wait *w, struct symbol_queue *q, uint64_t limit_ms)
{
    *w = (struct symbol_wait){.queue = q, .left_ns = limit_ms * 1000000};
}

/* Answers that came too late for what they were asked for are passed over. */
static bool name_in_time(void *ctx, const struct symbol_ask *ask, struct text *out)
{
    struct symbol_wait *w = ctx;
    struct text name = {0};
    uint32_t id = 0;
    uint64_t began = clock_ns();
    bool came = w->left_ns && symbol_queue_ask(w->queue, ++w->next, ask, NULL);
    while (came) {
        uint64_t used = clock_ns() - began;
        uint64_t left_ms = used < w->left_ns ? (w->left_ns - used) / 1000000 + 1 : 0;
        uint32_t ms = left_ms < WAIT_MAX_MS ? (uint32_t)left_ms : WAIT_MAX_MS;
        came = ms && symbol_queue_wait(w->queue, ms, &id, &name);
        if (came && id == w->next)
            break;
    }
    uint64_t used = clock_ns() - began;
    w->left_ns = came && used < w->left_ns ? w->left_ns - used : 0;
    w->unanswered += !came;
    bool named = came && name.len && !name.failed;
    w->unnamed += !named;
    if (named)
        text_add(out, text_str(&name));
    text_free(&name);
    return named;
}

struct symbolizer symbol_wait_symbolizer(struct symbol_wait *w)
{
    return (struct symbolizer){.ctx = w, .name = name_in_time};
}
