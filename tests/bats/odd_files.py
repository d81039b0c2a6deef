#!/usr/bin/env python3
"""Hold the CSV reader against another: odd_files.py READER DIR

DIR is a collection of odd files; each is read as RFC 4180 says, as the collection's
own JSON says where it has one, and as Python's csv module says; or it is refused for a
reason that is found here too, with line and column.  Prints what differs.
"""
import csv
import json
import os
import re
import subprocess
import sys

DISGUISES = (b"PK\3\4", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF", b"\xff\xfe", b"\xfe\xff",
             b"\0\0\xfe\xff")
LIMIT = 1 << 20


class Refused(Exception):
    """With the rule."""


def delimiter_of(text):
    """And the text after a line that names it."""
    named = re.match(r"(?i)sep=(.)(\r\n|\r|\n|$)", text)
    if named:
        return named[1], text[named.end():]
    head = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    if "," not in head:
        for c in head:
            if c in ";\t":
                return c, text
        for c in head:
            if c in "|^":
                return c, text
    return ",", text


def rows_of(text, delimiter):
    """RFC 4180 without mercy, a character at a time; blank lines are no rows."""
    rows, row, cell, i, n = [], [], [], 0, len(text)
    while i < n:
        if text[i] == '"':
            i += 1
            while True:
                j = text.find('"', i)
                if j < 0:
                    raise Refused("csv_quotes_close")
                cell.append(text[i:j])
                i = j + 1
                if i < n and text[i] == '"':
                    cell.append('"')
                    i += 1
                    continue
                break
            if i < n and text[i] not in delimiter + "\r\n":
                raise Refused("csv_quotes_double")
        else:
            j = i
            while j < n and text[j] not in delimiter + '\r\n"':
                j += 1
            cell.append(text[i:j])
            if j < n and text[j] == '"':
                raise Refused("csv_quotes_double")
            blank = j < n and j == i and text[j] in "\r\n" and not row and not cell[0]
            i = j
            if blank:
                cell = []
                i += 1
                continue
        row.append("".join(cell))
        cell = []
        if i < n and text[i] == delimiter:
            i += 1
            if i == n:
                row.append("")
            elif text[i] in "\r\n":
                row.append("")
            else:
                continue
        if i < n and text.startswith("\r\n", i):
            i += 1
        i += 1
        rows.append(row)
        row = []
    return rows


def expected(data):
    """The rows, or Refused."""
    if data.startswith(DISGUISES):
        raise Refused("csv_is_text")
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise Refused("csv_is_utf8") from wrong
    if "\0" in text:
        raise Refused("csv_has_no_nul")
    delimiter, text = delimiter_of(text)
    rows = rows_of(text, delimiter)
    if any(len(c.encode()) > LIMIT for r in rows for c in r):
        raise Refused("csv_cell_is_bounded")
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text)
    theirs = [r for r in csv.reader(lines, delimiter=delimiter, strict=True) if r]
    assert theirs == rows, "Python's own reader and the one above disagree"
    return rows


def suite_says(path):
    """The rows that the collection itself expects; None: it has no word on it."""
    other = re.sub(r"/csvs?/([^/]*)\.csv$", r"/json/\1.json", path)
    if other == path or not os.path.exists(other):
        return None
    with open(other, encoding="utf-8") as f:
        rows = json.load(f)
    if rows and isinstance(rows[0], dict):
        rows = [list(rows[0])] + [list(r.values()) for r in rows]
    with open(path, "rb") as f:
        if b"\r" not in f.read():  # a checkout has changed the file's line ends
            rows = [[c.replace("\r\n", "\n") for c in r] for r in rows]
    return rows


def check(path, got):
    with open(path, "rb") as f:
        data = f.read()
    try:
        want, rule = expected(data), None
    except Refused as r:
        want, rule = None, str(r)
    if rule:
        # A file may be wrong in two ways; which is met first is not the point.
        if not got["rule"]:
            return f"is read, and should be refused by {rule}"
        if not (re.search(r", line \d+, column \d+", got["text"]) or got["rule"] == "csv_is_text"):
            return f"is refused without its place: {got['text']}"
        return None
    if got["rule"]:
        return f"is refused: {got['rule']}: {got['text']}"
    if got["rows"] != want:
        return f"is read as {got['rows'][:3]}..., and should be {want[:3]}..."
    says = suite_says(path)
    if says == []:  # of a header alone
        says = got["rows"][:1]
    if says is not None and got["rows"] != [r for r in says if r != [""]]:
        return f"is read as {got['rows'][:3]}..., and its suite says {says[:3]}..."
    return None


def main():
    reader, top = sys.argv[1:]
    csv.field_size_limit(1 << 24)
    files = sorted(os.path.join(d, f) for d, _, names in os.walk(top) for f in names
                   if not f.endswith((".json", ".md")))
    out = subprocess.run([reader, *files], check=True, stdout=subprocess.PIPE).stdout
    # Only \n ends a line of it; cells hold other line ends of Unicode.
    answers = [json.loads(line) for line in out.decode().split("\n") if line]
    assert [a["file"] for a in answers] == files
    wrong = refused = 0
    for answer in answers:
        refused += answer["rule"] is not None
        complaint = check(answer["file"], answer)
        if complaint:
            wrong += 1
            print(f"{os.path.relpath(answer['file'], top)} {complaint}")
    print(f"{len(files)} files, {refused} refused, {wrong} wrong")
    return 1 if wrong or not files else 0


sys.exit(main())
