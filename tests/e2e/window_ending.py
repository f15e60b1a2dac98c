"""The end of the Windows session, closing before anything is recorded, and picking a profile by keys."""
from window import *


def session_ends():
    w = Window()
    w.record()
    equal(w.drive("endsession", 30).splitlines()[0], "query agreed", "the window agrees when the recording is on disk")
    no_session("the end of the session")
    equal(len(parts()), 1, "the raw part is kept")
    equal(w.wait_exit(), 0, "and it ends; exit code")
    w = Window()
    w.wait_title("Not saved:")
    check(w.enabled("STOP") and w.enabled("DISCARD"), "what was left is offered")
    w.click("DISCARD")
    w.wait_dialog("Discard this recording?")
    w.answer("Discard")
    w.no_dialog()
    check(wait_for(lambda: not leftovers(), 10), "and gone when discarded", leftovers())
    equal(w.close(), 0, "exit code")


def closed_while_starting():
    w = Window()
    sim("set", "delay", "StartTrace", 1, 3000)
    w.click("RECORD")
    check(wait_for(lambda: w.enabled("DISCARD"), 5), "it starts", w.title())
    w.drive("close")
    equal(w.wait_exit(), 0, "closed while starting; exit code")
    no_session("closed while starting")
    equal(leftovers(), [], "nothing is left")


def picked_by_keys():
    """With the list shut, as with it open; Esc goes back."""
    w = Window()
    names = [line.lstrip("* ").split("\t")[-1] for line in w.main("combo", id_of("PROFILE")).splitlines()]

    def shows(name):
        found = wait_for(lambda: w.title().startswith(name) and w.control("PROFILE") == name, 5)
        check(found, f"{name} is picked", w.title(), w.control("PROFILE"))

    w.key("alt+p")
    w.key("down")
    shows(names[1])
    w.key("down")
    shows(names[2])
    w.key("up")
    shows(names[1])
    w.key("alt+down", "down", "esc")
    shows(names[1])
    w.key("alt+down", "down", "enter")
    shows(names[2])
    equal(w.close(), 0, "exit code")


for name, part in (
    ("the Windows session ends", session_ends),
    ("closed while starting", closed_while_starting),
    ("a profile picked by keys", picked_by_keys),
):
    if len(sys.argv) == 1 or sys.argv[1] in name:
        with case(name):
            part()
finish("ends and picks as it should")
