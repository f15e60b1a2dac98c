// Pointer and keyboard as a user has them: what is hidden, disabled, covered or off the screen cannot be clicked.
#include "ui.h"

#include <stdio.h>
#include <wchar.h>

static bool place_of(HWND window, const RECT *part, POINT *place)
{
    RECT rect;
    if (part) {
        rect = *part;
        POINT corner = {rect.left, rect.top};
        ClientToScreen(window, &corner);
        OffsetRect(&rect, corner.x - rect.left, corner.y - rect.top);
    } else if (!GetWindowRect(window, &rect)) {
        return ui_fail("window %p is gone", (void *)window);
    }
    place->x = rect.left + (rect.right - rect.left) / 2;
    place->y = rect.top + (rect.bottom - rect.top) / 2;
    return true;
}

// Group boxes let the pointer through, but only their own thread is asked whether they do.
static HWND window_at(POINT place)
{
    HWND hit = WindowFromPoint(place);
    DWORD_PTR part = 0;
    while (hit && (GetWindowLongW(hit, GWL_STYLE) & WS_CHILD) &&
           ui_send(hit, WM_NCHITTEST, 0, MAKELPARAM(place.x, place.y), &part) && (int)part == HTTRANSPARENT) {
        HWND below = GetWindow(hit, GW_HWNDNEXT);
        RECT rect;
        while (below && !(IsWindowVisible(below) && GetWindowRect(below, &rect) && PtInRect(&rect, place)))
            below = GetWindow(below, GW_HWNDNEXT);
        hit = below ? below : GetParent(hit);
    }
    return hit;
}

static bool can_be_hit(HWND window, POINT place)
{
    wchar_t text[128];
    ui_text(window, text, 128);
    if (!IsWindowVisible(window))
        return ui_fail("control %d \"%ls\" is not visible", GetDlgCtrlID(window), text);
    for (HWND at = window; at; at = GetAncestor(at, GA_PARENT)) {
        if (!IsWindowEnabled(at))
            return ui_fail("control %d \"%ls\" is disabled%hs", GetDlgCtrlID(window), text,
                           at == window ? "" : " with the window that it is in");
    }
    int width = GetSystemMetrics(SM_CXSCREEN);
    int height = GetSystemMetrics(SM_CYSCREEN);
    if (place.x < 0 || place.y < 0 || place.x >= width || place.y >= height)
        return ui_fail("control %d \"%ls\" at %ld,%ld is outside the screen of %dx%d", GetDlgCtrlID(window), text,
                       place.x, place.y, width, height);
    HWND hit = window_at(place);
    if (hit == window || IsChild(window, hit))
        return true;
    wchar_t cover[128];
    wchar_t class_name[64] = L"";
    ui_text(hit, cover, 128);
    GetClassNameW(hit, class_name, 64);
    return ui_fail("control %d \"%ls\" at %ld,%ld is covered by %ls %d \"%ls\"", GetDlgCtrlID(window), text, place.x,
                   place.y, class_name, GetDlgCtrlID(hit), cover);
}

static bool send_inputs(INPUT *inputs, UINT count)
{
    if (SendInput(count, inputs, sizeof(INPUT)) == count)
        return true;
    return ui_fail("SendInput failed (%lu)", GetLastError());
}

// The place goes with the button: on a busy machine late news of an earlier movement can set the pointer back.
static bool press_button(POINT place, DWORD down, DWORD up)
{
    LONG width = GetSystemMetrics(SM_CXSCREEN);
    LONG height = GetSystemMetrics(SM_CYSCREEN);
    INPUT inputs[3] = {{.type = INPUT_MOUSE,
                        .mi.dx = (place.x * 65536 + width - 1) / width,
                        .mi.dy = (place.y * 65536 + height - 1) / height,
                        .mi.dwFlags = MOUSEEVENTF_MOVE | MOUSEEVENTF_ABSOLUTE},
                       {.type = INPUT_MOUSE, .mi.dwFlags = down},
                       {.type = INPUT_MOUSE, .mi.dwFlags = up}};
    return send_inputs(inputs, 3);
}

static bool move_pointer(POINT place)
{
    // A step aside first: hovering starts with a movement.
    SetCursorPos(place.x + 1, place.y);
    if (!SetCursorPos(place.x, place.y))
        return ui_fail("the pointer does not move to %ld,%ld (%lu)", place.x, place.y, GetLastError());
    Sleep(20);
    return true;
}

bool ui_click_at(HWND window, const RECT *part, enum ui_click how)
{
    POINT place;
    if (!place_of(window, part, &place) || !can_be_hit(window, place))
        return false;
    if (how == UI_WHERE) {
        printf("%ld %ld\n", place.x, place.y);
        return true;
    }
    if (!move_pointer(place) || how == UI_HOVER)
        return how == UI_HOVER;
    if (how == UI_CLICK_RIGHT)
        return press_button(place, MOUSEEVENTF_RIGHTDOWN, MOUSEEVENTF_RIGHTUP);
    if (!press_button(place, MOUSEEVENTF_LEFTDOWN, MOUSEEVENTF_LEFTUP))
        return false;
    return how == UI_CLICK || press_button(place, MOUSEEVENTF_LEFTDOWN, MOUSEEVENTF_LEFTUP);
}

bool ui_wheel(HWND window, int notches)
{
    POINT place;
    if (!place_of(window, NULL, &place) || !can_be_hit(window, place) || !move_pointer(place))
        return false;
    INPUT input = {
        .type = INPUT_MOUSE, .mi.dwFlags = MOUSEEVENTF_WHEEL, .mi.mouseData = (DWORD)(notches * WHEEL_DELTA)};
    return send_inputs(&input, 1);
}

bool ui_has_keyboard(const struct ui *ui)
{
    HWND front = GetForegroundWindow();
    DWORD pid = 0;
    GetWindowThreadProcessId(front, &pid);
    if (pid == ui->pid)
        return true;
    wchar_t title[128];
    ui_text(front, title, 128);
    return ui_fail("the keyboard goes to \"%ls\" of process %lu, not to process %lu", title, pid, ui->pid);
}

static const struct {
    const wchar_t *name;
    WORD key;
} keys[] = {
    {L"ctrl", VK_CONTROL}, {L"shift", VK_SHIFT},    {L"alt", VK_MENU},       {L"win", VK_LWIN},   {L"enter", VK_RETURN},
    {L"esc", VK_ESCAPE},   {L"tab", VK_TAB},        {L"space", VK_SPACE},    {L"left", VK_LEFT},  {L"right", VK_RIGHT},
    {L"up", VK_UP},        {L"down", VK_DOWN},      {L"home", VK_HOME},      {L"end", VK_END},    {L"pgup", VK_PRIOR},
    {L"pgdn", VK_NEXT},    {L"del", VK_DELETE},     {L"backspace", VK_BACK}, {L"ins", VK_INSERT}, {L"apps", VK_APPS},
    {L"plus", VK_ADD},     {L"minus", VK_SUBTRACT}, {L"star", VK_MULTIPLY},
};

static WORD key_named(const wchar_t *name, size_t length)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (wcslen(keys[i].name) == length && _wcsnicmp(keys[i].name, name, length) == 0)
            return keys[i].key;
    }
    if (length > 1 && (name[0] == L'f' || name[0] == L'F')) {
        long number = wcstol(name + 1, NULL, 10);
        return number >= 1 && number <= 24 ? (WORD)(VK_F1 + number - 1) : 0;
    }
    if (length != 1)
        return 0;
    SHORT scan = VkKeyScanW(name[0]);
    return scan == -1 ? 0 : (WORD)(scan & 0xFF);
}

static INPUT key_input(WORD key, bool up)
{
    INPUT input = {.type = INPUT_KEYBOARD};
    input.ki.wVk = key;
    input.ki.wScan = (WORD)MapVirtualKeyW(key, MAPVK_VK_TO_VSC);
    input.ki.dwFlags = up ? KEYEVENTF_KEYUP : 0;
    bool extended = (key >= VK_PRIOR && key <= VK_DOWN) || key == VK_INSERT || key == VK_DELETE || key == VK_APPS;
    if (extended)
        input.ki.dwFlags |= KEYEVENTF_EXTENDEDKEY;
    return input;
}

bool ui_key(const struct ui *ui, const wchar_t *key)
{
    if (!ui_has_keyboard(ui))
        return false;
    WORD chord[5];
    UINT count = 0;
    const wchar_t *at = key;
    while (*at && count < 5) {
        size_t length = wcscspn(at, L"+");
        chord[count] = key_named(at, length);
        if (!chord[count++])
            return ui_fail("no such key: %ls", key);
        at += length;
        at += *at == L'+';
    }
    INPUT inputs[10];
    for (UINT i = 0; i < count; i++) {
        inputs[i] = key_input(chord[i], false);
        inputs[2 * count - 1 - i] = key_input(chord[i], true);
    }
    return send_inputs(inputs, 2 * count);
}

bool ui_type(const struct ui *ui, const wchar_t *text)
{
    if (!ui_has_keyboard(ui))
        return false;
    for (; *text; text++) {
        INPUT inputs[2] = {{.type = INPUT_KEYBOARD}, {.type = INPUT_KEYBOARD}};
        inputs[0].ki.wScan = inputs[1].ki.wScan = *text;
        inputs[0].ki.dwFlags = KEYEVENTF_UNICODE;
        inputs[1].ki.dwFlags = KEYEVENTF_UNICODE | KEYEVENTF_KEYUP;
        if (!send_inputs(inputs, 2))
            return false;
        Sleep(1);
    }
    return true;
}
