/* The profile editor: a dialog of five pages over core/editor. Thread: the window's. */
#ifndef HR_UI_EDITOR_H
#define HR_UI_EDITOR_H

#include "core/editor/editor.h"
#include "win/win.h"

struct editor_wish {
    enum editor_mode mode;
    const struct profile *profile;
    bool unsaved;     /* it differs from its file already: OK keeps it without a further change, too */
    const char *file; /* where it lies; NULL: nowhere yet */
    enum editor_page page;
    struct editor_facts facts;

    /* OK: keeps the profile. On failure the editor says why and stays open. NULL: there is nothing to do. */
    bool (*save)(void *ctx, const struct profile *p, struct err *err);
    void *ctx;
};

bool editor_register(struct err *err);

/* Modal. True: OK, and `save` kept it. False: cancelled, or (mode EDITOR_SHIPPED, EDITOR_OWN, EDITOR_RUNNING) OK
 * without a change; nothing was kept. */
bool editor_run(HINSTANCE instance, HWND owner, const struct editor_wish *wish);

#endif
