def ok(row, dist, placed):
    while placed:
        column, placed = placed
        if column == row + dist or column == row - dist:
            return False
        dist += 1
    return True


def append(a, b):
    return (a[0], append(a[1], b)) if a else b


def attempt(x, y, z):
    if not x:
        return 0 if y else 1
    first, rest = x
    here = attempt(append(rest, y), (), (first, z)) if ok(first, 1, z) else 0
    return here + attempt(rest, (first, y), z)


def upto(n):
    made = ()
    for i in range(n, 0, -1):
        made = (i, made)
    return made


def run(n):
    return attempt(upto(n), (), ())
