/* Task dialogs: a table of buttons in, the chosen button out. Thread: the window's. */
#ifndef HR_UI_MESSAGE_H
#define HR_UI_MESSAGE_H

#include "ui/words.h"

#include <commctrl.h>

#define MESSAGE_BUTTONS 3

struct message_button {
    int id; /* IDCANCEL for the harmless one: Esc means it */
    unsigned text;
};

struct message {
    unsigned title;        /* the main instruction; %1 is title_arg */
    const char *title_arg; /* or NULL */
    const char *content;   /* UTF-8, or NULL */
    PCWSTR icon;           /* TD_WARNING_ICON..., or NULL */
    bool links;            /* command links (text "\n" note) instead of plain buttons */
    bool shield;           /* the first button asks for administrator rights */
    struct message_button buttons[MESSAGE_BUTTONS];
    unsigned count;
    int preferred; /* the default button's id */
    /* Asked several times a second; when false the dialog closes itself as by Esc. May be NULL. */
    bool (*valid)(void *ctx);
    void *ctx;
};

/* The chosen button's id; IDCANCEL after Esc, or when the dialog cannot be shown. */
int message_ask(HWND owner, const struct message *m);

void message_error(HWND owner, unsigned title, const struct err *err);
void message_note(HWND owner, unsigned text);
void message_about(HWND owner);
void message_usage(void);

#endif
