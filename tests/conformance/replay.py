"""Sends the requests of text files to a server and checks the answers; README.md has the form of the files.

replay.py FILE… ROOT
"""

import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
# What a client leaves as it is in an address; all else is percent-encoded, as they do.
SAFE = "/?&=$(),;:@*!~-._%'"
ABSENT = object()  # as another thing than null


class Wrong(Exception):
    """A check that does not hold."""


@dataclass
class Request:
    name: str
    place: str
    method: str = ""
    target: str = ""
    type: str = "application/json"
    body: str = ""
    checks: list = field(default_factory=list)


def read_requests(path):
    requests = []
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("request: "):
            requests.append(Request(line[9:], f"{path}:{number}"))
            continue
        request = requests[-1]
        word = line.split(" ", 1)[0]
        if not request.method and word in METHODS:
            request.method, _, request.target = line.partition(" ")
        elif line.startswith("type: "):
            request.type = line[6:]
        elif line.startswith("status: ") or request.checks:
            request.checks.append(line)
        else:
            request.body += line + "\n"
    return requests


class Kept:
    """What one request leaves to those behind it, by name."""

    def __init__(self, root):
        self.values = {"root": root}

    def fill(self, text):
        # {next?} is what stands behind the '?' of an address.
        for name, value in self.values.items():
            text = text.replace("{%s?}" % name, value.partition("?")[2])
            text = text.replace("{%s}" % name, value)
        return text


def send(request, kept):
    target = kept.fill(request.target)
    # As programs do that go on with a link of which they have changed an option.
    target, _, change = target.partition(" with ")
    if change:
        old, new = change.split(" -> ")
        if old not in target:
            raise Wrong(f"{old} does not stand in {target}")
        target = target.replace(old, new)
    url = target if target.startswith("http") else kept.values["root"] + target
    sent = urllib.request.Request(urllib.parse.quote(url, SAFE), method=request.method)
    if request.body:
        sent.data = kept.fill(request.body).encode()
        sent.add_header("Content-Type", request.type)
    try:
        with urllib.request.urlopen(sent, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def at(body, pointer):
    """By JSON pointer (RFC 6901)."""
    value = json.loads(body)
    for name in pointer.split("/")[1:]:
        name = name.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return ABSENT
    return value


def check(line, answer, kept):
    status, headers, body = answer
    if line.startswith("status: "):
        if str(status) not in line[8:].split(" or "):
            raise Wrong(f"expected {line}, not {status}")
        return
    if line.startswith("body = "):
        if body != kept.fill(line[7:]):
            raise Wrong(f"expected {line}")
        return
    if match := re.fullmatch(r"keep: (\w+) = (\S+)", line):
        name, where = match.groups()
        value = headers.get("Location") if where == "Location" else at(body, where)
        if not isinstance(value, str):
            raise Wrong(f"there is no {where}")
        kept.values[name] = value
        return
    pointer, what = line.split(" ", 1)
    value = at(body, pointer)
    if what == "is absent":
        holds = value is ABSENT
    elif match := re.fullmatch(r"has (\d+) items", what):
        holds = isinstance(value, list) and len(value) == int(match[1])
    elif what.startswith("contains "):
        holds = isinstance(value, str) and kept.fill(what[9:]) in value
    elif what.startswith("= "):
        holds = value == json.loads(kept.fill(what[2:]))
    else:
        raise Wrong(f"nobody knows how to check: {line}")
    if not holds:
        seen = "absent" if value is ABSENT else json.dumps(value, ensure_ascii=False)
        raise Wrong(f"expected {line}, not {seen}")


def main():
    *paths, root = sys.argv[1:]
    kept = Kept(root)
    passed = failed = 0
    for request in [request for path in paths for request in read_requests(path)]:
        body = ""
        try:
            answer = send(request, kept)
            body = answer[2]
            for line in request.checks or ["status: 200"]:
                check(line, answer, kept)
            passed += 1
        except (Wrong, OSError, ValueError) as error:
            failed += 1
            print(f"FAILED {request.place} {request.name}\n  {request.method} {kept.fill(request.target)}")
            print(f"  {error}\n  {body[:600]}")
    print(f"{passed} passed, {failed} failed")
    return failed > 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
