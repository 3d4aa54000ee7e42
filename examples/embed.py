"""Chorus inside a game tool: a session with limits, a function of the host's own, answers as Python values."""

import sys

from chorus import Capabilities, ChorusError, Limits, Session

with Session(workspace=sys.argv[1] if len(sys.argv) > 1 else None,
             allow=Capabilities("workspace", "clock"), limits=Limits(seconds=30)) as session:  # fmt: skip
    session.register("guild-size", lambda name: {"raiders": 40}.get(name, 0), effects="pure")
    print(session.eval('(* 2 (guild-size "raiders"))'))
    print(session.eval("(map (lambda (n) (* n n)) numbers)", numbers=[1, 2, 3]))
    try:
        session.eval("(car 5)")
    except ChorusError as error:
        print(f"{error.code} at line {error.span.line}: {error.message}")
    if len(sys.argv) > 1:  # a workspace with a community in it
        answer = session.eval(
            "(persona-inquiry 'everyone question)", question="What do they think of the price?"
        )
        print(answer["answer"] or f"no answer: {answer['refusal']}")
        print([citation["message-id"] for citation in answer["citations"]])
