"""Pairs the events of `handlerec dump --json` to lives of handles, in the plainest way: what the ledger says is not used.

A life: {"pid", "handle", "type", "how", "time", "closed", "frames": [{"module", "offset"}]}; how is create, duplicate,
inherit or listed; times are raw; closed is None for a handle that stays open; frames are those of its opening.
"""
import collections
import json


def split_frame(text):
    """Module and offset of "app.exe+0x12"; other frames have no module."""
    module, plus, offset = text.rpartition("+0x")
    if not plus:
        return {"module": None, "offset": int(text.rpartition("0x")[2], 16)}
    return {"module": module, "offset": int(offset, 16)}


def read_lives(lines):
    """The lives, and how many closes had none."""
    lives = []
    closes_without_open = 0
    waiting = collections.defaultdict(list)  # open ones by value and object, oldest first
    for line in lines:
        event = json.loads(line)
        same = waiting[(event["handle"], event["object"])]
        fit = next((life for life in same if event["pid"] is None or life["pid"] in (None, event["pid"])), None)
        if event["event"] == "close":
            if fit:
                fit["closed"] = event["time"]
                same.remove(fit)
            else:
                closes_without_open += 1
        elif event["event"] != "listed" or not fit:
            life = {key: event[key] for key in ("pid", "handle", "type", "time")}
            life.update(how=event["event"], closed=None, frames=[split_frame(text) for text in event["stack"]])
            lives.append(life)
            same.append(life)
    return lives, closes_without_open
