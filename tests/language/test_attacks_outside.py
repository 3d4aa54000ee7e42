"""What reaches for the host, for what was not granted, or hides in data; the other half of `test_attacks`.

attack                                              expected            also in
 1  a template with {0.__class__…}                  inert
 2  (get x (string-append "__cl" "ass__"))          typed error
 3  the host's object behind a caught error         inert
 4  (load "../../x"), files, the host's modules     denied or unknown   test_libraries
 5  (set! car evil)                                 this session's own
 6  hidden and full-width letters in names          refused             test_fuzz_reader
 7  surrogates, NUL in text                         typed error, value
 8  NaN in sort and as a key                        value, documented
 9  (exact +inf.0)                                  typed error
10  clock and chance without the capability         denied
11  read_csv, COPY, ATTACH, INSTALL, SET            denied              test_store (no SQL reaches outside)
12  x'; DROP TABLE m;-- as a value                  inert
13  a vector with NaN, of another dimension         typed error         test_search_index
14  a bit-flipped index                             rebuilt             test_search_index
15  pickles, .pt, archives, links, deep, huge rows  quarantined or typed error
16  a channel called ../../env.db                   inert
17  orders in a message, pictures                   inert               test_answer_attacks
18  copies of a lie, masses of votes                one voice, capped   test_answer_attacks, test_gate_kernels
19  a replacement that repeats its match            limit, charged before
"""

from __future__ import annotations

import gzip
import json
import pickle
import tarfile
import zipfile
from pathlib import Path

import pytest

from chorus import Capabilities, ChorusError, Limits, Session
from chorus.interpreter.diagnostics import report
from chorus.runtime.errors import LimitExceeded

LIMITS = Limits(steps=1_000_000, seconds=20, bytes=400_000_000)

VALUES = {
    1.1: (r"""(format "~a {0.__class__.__mro__} %s" 'a)""", "a {0.__class__.__mro__} %s"),
    3.1: ("(guard (e (#t (value->string e))) (car 5))", '#<error "car: expected a pair, got 5">'),
    3.2: ("(guard (e (#t (error-object-irritants e))) (car 5))", [5]),
    5: ("(define old car) (set! car cdr) (car '(1 2))", [2]),
    7.1: ('(string-length "a\\x0;b")', 3),
    8.1: ("(value->string (sort '(3 +nan.0 1 +nan.0 2) <))", "(1 2 3 +nan.0 +nan.0)"),
    8.2: (
        "(define t (make-hash-table)) (hash-set! t +nan.0 1) (hash-set! t +nan.0 2) (hash-ref t +nan.0)",
        2,
    ),
    12: ('(define x "x\'; DROP TABLE m;--") (count (where (rows->table (list {:a x})) (= a x)))', 1),
}
REFUSED = {
    1.2: ('(format "{0.__class__}" 1)', "eval"),
    2.1: ("""(get 'x (string-append "__cl" "ass__"))""", "type"),
    2.2: ('(get (list 1) "__class__")', "type"),
    2.3: ("(get car :__globals__)", "type"),
    3.3: ("(guard (e (#t (get e :__traceback__))) (car 5))", "type"),
    4.1: ('(load "../../x")', "denied"),
    4.2: ('(open-input-file "/etc/passwd")', "denied"),
    4.3: ('(include "/etc/passwd")', "denied"),
    4.4: ("(import (os))", "library"),
    4.5: ('(eval \'(load "x"))', "denied"),
    6.1: ("(define a\u200bb 1)", "read-hidden"),
    6.2: ("(list \uff41)", "read-lookalike"),
    7.2: (r'"\ud800"', "read-escape"),
    7.3: ("(integer->char #xd800)", "range"),
    9.1: ("(exact +inf.0)", "eval"),
    9.2: ("(exact +nan.0)", "eval"),
    10.1: ("(now)", "denied"),
    10.2: ("(random 5)", "denied"),
    10.3: ('(get-environment-variable "HOME")', "denied"),
    19.1: (r'(regex-replace "(a)" "aaa" "\\2")', "regex"),
}


@pytest.mark.parametrize("number", VALUES)
def test_is_a_value(number: float) -> None:
    form, value = VALUES[number]
    with Session(limits=LIMITS) as session, Session() as other:
        assert session.eval(form) == value
        assert other.eval("(list (car '(1 2)) (+ 1 2))") == [1, 3]


@pytest.mark.parametrize("number", REFUSED)
def test_is_refused(number: float) -> None:
    form, code = REFUSED[number]
    with Session(limits=LIMITS) as session:
        with pytest.raises(ChorusError) as caught:
            session.eval(form)
        assert caught.value.code == code and caught.value.span is not None
        shown = report(caught.value)
        assert "Traceback" not in shown and "\u200b" not in shown.split("\n")[0] and ".py" not in shown
        assert session.eval("(list (car '(1 2)) (+ 1 2))") == [1, 3]


def test_19_a_replacement_that_repeats_its_match_is_charged_before() -> None:
    """A hundred thousand times a million letters: neither text is long."""
    program = r"""(define much (apply string-append (map (lambda (i) "\\0") (iota 100000))))
      (string-length (regex-replace "(?s).+" (make-string 1000000 #\a) much))"""
    with Session(limits=LIMITS) as session:
        with pytest.raises((LimitExceeded, ChorusError)) as caught:
            session.eval(program)
        assert caught.value.code in ("limit", "size")
        assert session.eval(r'(regex-replace "(a)(b)?" "abaa" "<\\1\\2\\0>")') == "<abab><aa><aa>"


def test_15_what_is_no_export_is_refused_or_set_apart(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    whole = {"text": "fine", "author": "a", "timestamp": "2024-01-01T00:00:00Z", "id": "1"}
    deep = '{"text":' + "[" * 100_000 + "]" * 100_000 + "}\n"
    (folder / "deep.jsonl").write_text(json.dumps(whole) + "\n" + deep)
    with gzip.open(folder / "huge.jsonl.gz", "wb", compresslevel=1) as file:
        file.write((json.dumps({**whole, "id": "2"}) + '\n{"text":"').encode())
        for _ in range(100):
            file.write(b"a" * 1_000_000)
        file.write(('"}\n' + json.dumps({**whole, "id": "3"}) + "\n").encode())
    pickle.dump([1], (folder / "model.pt").open("wb"))
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", "[" + "0," * 1_000_000 + "0]")
    with tarfile.open(folder / "links.tar", "w") as tar:
        link = tarfile.TarInfo("evil.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    (folder / "loop").symlink_to(".")
    (folder / "passwd.json").symlink_to("/etc/passwd")
    with Session(tmp_path / "w", allow=Capabilities.command_line()) as session:
        done = "(let ((done (ingest folder))) (list (get done :added) (get done :quarantined)))"
        assert session.eval(done, folder=str(folder)) == [3, 6]
        said = " ".join(session.eval("(map (lambda (row) (get row :reason)) (quarantine))"))
        assert "nested too deep" in said and "too large" in said and "root:" not in said
        for name in ("model.pt", "bomb.zip", "links.tar"):
            with pytest.raises(ChorusError, match="not readable"):
                session.eval("(ingest file)", file=str(folder / name))
        assert session.eval("(count (messages))") == 3


def test_16_names_in_an_export_are_data(tmp_path: Path) -> None:
    author = {
        "id": "5",
        "name": "../../etc",
        "nickname": "$(touch gone)",
        "discriminator": "0000",
        "isBot": False,
    }
    message = {
        "id": "100", "type": "Default", "timestamp": "2024-01-01T00:00:00+00:00", "author": author,
        "content": "'; DROP TABLE messages;-- {0.__class__} ~a (exit 3)",
    }  # fmt: skip
    channel = {"id": "9", "type": "GuildTextChat", "name": "../../env.db"}
    export = {
        "guild": {"id": "1", "name": "../g"},
        "channel": channel,
        "messages": [message],
        "messageCount": 1,
    }
    (tmp_path / "export.json").write_text(json.dumps(export))
    with Session(tmp_path / "w", allow=Capabilities.command_line()) as session:
        session.eval("(ingest file)", file=str(tmp_path / "export.json"))
        assert session.eval("(column (channels) name)") == ["../../env.db"]
        assert session.eval("(column (messages) content)") == [message["content"]]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["export.json", "w"]
