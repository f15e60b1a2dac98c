/* The profile editor's dialog: what its files share. Thread: the window's. */
#ifndef HR_UI_EDITOR_DIALOG_H
#define HR_UI_EDITOR_DIALOG_H

#include "ui/editor.h"
#include "ui/words.h"

#include <commctrl.h>

struct editor_dialog {
    HWND hwnd;
    HWND pages[EDITOR_PAGES];
    const struct editor_wish *wish;
    struct editor e;
    bool filling;                     /* what controls report comes from us */
    bool looked[PROFILE_FIELD_COUNT]; /* the field was left, or OK was tried: what is wrong with it is shown */
    HIMAGELIST boxes;                 /* of the type list */
    bool done;                        /* OK has kept the profile */
};

/* editor_frame.c */
void editor_show_texts(struct editor_dialog *d); /* after any change: estimate and notice */

/* editor_fields.c: all fields but the type list */
void fields_init(struct editor_dialog *d);
void fields_put(struct editor_dialog *d);                        /* from the editor to the controls */
void fields_show(struct editor_dialog *d);                       /* what can be used, and what is wrong */
bool fields_command(struct editor_dialog *d, int id, UINT code); /* true: it was one of theirs */
void fields_focus(struct editor_dialog *d, enum profile_field field);

/* editor_list.c: the page "What to record" */
bool list_init(struct editor_dialog *d);
void list_free(struct editor_dialog *d);
void list_put(struct editor_dialog *d);
void list_show_slots(struct editor_dialog *d);
void list_searched(struct editor_dialog *d);
bool list_notify(struct editor_dialog *d, const NMHDR *h, LRESULT *result);

#endif
