/* What the main window says and offers for a recorder_view: every text, every enabled button. Pure, any thread. */
#ifndef HR_RECORD_VIEW_TEXT_H
#define HR_RECORD_VIEW_TEXT_H

#include "core/census/watcher.h"
#include "core/profile/profile.h"
#include "core/record/controller.h"
#include "core/record/span.h"
#include "core/record/view_words.h"

/* How this person's system writes. `word` returns a text with %1..%9 in it (UTF-8, valid for the life of the locale).
 */
struct view_locale {
    const char *(*word)(void *self, unsigned id);
    void (*number)(void *self, uint64_t n, char *out, size_t size); /* "48,120" */
    void (*bytes)(void *self, uint64_t n, char *out, size_t size);  /* "212 MB" */
    void *self;
};

/* What the window knows besides the recorder's view. Borrowed pointers. */
struct view_facts {
    const struct profile *profile;  /* what the next recording records */
    const struct snapshot *counts;  /* NULL before the first */
    const char *type;               /* the selected type, "" when none */
    const char *counts_why;         /* why there are no counts: "Access is denied (0xC0000022)." */
    const char *suspect;            /* the sentence about what grows fastest, "" when nothing does */
    const char *drive;              /* of the raw parts: "D:" */
    const struct live_counts *live; /* what the trace counts while it records; NULL: it does not */
    const struct span_rates *rates; /* what recording costs, as measured last; NULL: not measured */
    uint64_t memory_bytes;          /* of the machine; 0: not known */
    bool elevated;
    bool consent_refused;  /* the last try to restart as administrator was refused */
    bool counts_restarted; /* this process was started to be administrator: counts began anew */
    bool hotkey_taken;     /* the key that marks everywhere belongs to another program */
    bool wpa;              /* Windows Performance Analyzer is installed */
};

enum view_link {
    VIEW_LINK_FOLDER,
    VIEW_LINK_WPA,
    VIEW_LINK_ORPHAN_SAVE,
    VIEW_LINK_ORPHAN_CONTINUE,
    VIEW_LINK_ORPHAN_DISCARD,
    VIEW_LINK_DETAILS,
    VIEW_LINK_LEAKS,
    VIEW_LINK_COUNT
};
#define VIEW_BAR_LINKS 3

enum view_icon { VIEW_ICON_NONE, VIEW_ICON_INFO, VIEW_ICON_WARNING, VIEW_ICON_ERROR };
enum view_progress { VIEW_PROGRESS_NONE, VIEW_PROGRESS_MARQUEE, VIEW_PROGRESS_PERCENT };
enum view_pane { VIEW_PANE_SOURCE, VIEW_PANE_LOST, VIEW_PANE_BUFFERS, VIEW_PANE_STORED, VIEW_PANE_DISK, VIEW_PANES };

struct view_text {
    /* What can be done now. */
    bool record;
    bool shield; /* Record asks for administrator rights first */
    bool stop;   /* the Stop button, whatever it reads */
    bool saves;  /* it reads "Save..." */
    bool discard;
    bool cancel;   /* the link that ends saving */
    bool profile;  /* another profile or filter may be chosen for the next recording */
    bool change;   /* the filter of the running recording may be changed */
    bool snapshot; /* of the ring that is recorded to */
    bool mark;
    bool only; /* Record only this type; Add type to filter */

    enum view_progress progress;
    int percent; /* 0..100 with VIEW_PROGRESS_PERCENT */
    char title[320];
    char summary[640];
    char step[160];
    char stop_caption[40];
    enum view_icon bar_icon; /* NONE: no bar */
    char bar[1600];
    enum view_link links[VIEW_BAR_LINKS];
    unsigned link_count;
    char panes[VIEW_PANES][80];
    bool lost; /* the Lost pane warns */
};

void view_text_make(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                    struct view_text *out);

/* Puts what the session records now into `p`, which it was started with: filter, stacks, storage, a ring's buffers. */
void view_running_profile(const struct recorder_view *v, struct profile *p);

/* A text of the locale, and one with its places filled: `b` may be NULL where it has one. */
const char *view_word(const struct view_locale *l, unsigned id);
void view_say(char *out, size_t size, const struct view_locale *l, unsigned id, const char *a, const char *b);

/* %1..%9 of `format` filled from `args` (n of them); %% is a per cent sign. Always terminates. */
void view_fill(char *out, size_t size, const char *format, const char *const *args, unsigned n);

/* RECORDER_OTHER: it is another copy of this program, not a stranger who uses our session's name. */
bool view_other_is_ours(const struct recorder_view *v);

/* h:mm:ss */
void view_clock(uint64_t ns, char out[24]);

/* What a tag stands for: "Event", or "Dxgk (4 types)". Names come from the counts, before them from the guide's list.
 */
void view_tag(uint32_t tag, const struct snapshot *counts, const struct view_locale *l, char *out, size_t size);

#endif
