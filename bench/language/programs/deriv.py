def deriv(a):
    if not isinstance(a, list):
        return 1 if a == "x" else 0
    head = a[0]
    if head in ("+", "-"):
        return [head, *map(deriv, a[1:])]
    if head == "*":
        return ["*", a, ["+", *(["/", deriv(b), b] for b in a[1:])]]
    if head == "/":
        over, under = a[1], a[2]
        return ["-", ["/", deriv(over), under], ["/", over, ["*", under, under, deriv(under)]]]
    raise ValueError(a)


FORM = ["+", ["*", 3, "x", "x"], ["*", "a", "x", "x"], ["*", "b", "x"], 5]


def run(n):
    last = []
    for _ in range(n):
        last = deriv(FORM)
    return len(last)
