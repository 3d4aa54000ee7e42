"""Programs that nobody vouches for: each in a process of its own, with limits, and nothing allowed."""

from chorus import ChorusError, Limits, Session

PROGRAMS = (
    "(let loop ((i 1) (sum 0)) (if (= i 128) sum (loop (+ i 1) (+ sum i))))",
    "(let loop () (loop))",
    '(read-file "/etc/passwd")',
)

with Session(isolation="process", limits=Limits(seconds=1, bytes=200 << 20)) as session:
    for program in PROGRAMS:
        try:
            print(session.eval(program))
        except ChorusError as error:
            print(f"{error.code}: {error.message}")
    session.process.popen.kill()  # as a crash would
    try:
        session.eval("(+ 1 2)")
    except ChorusError as error:
        print(f"{error.code}: {error.message}")
    print(session.eval("(* 6 7)"))
