def compose(f, g):
    return lambda x: f(g(x))


def add(n):
    return lambda x: x + n


def repeat(f, n):
    return (lambda x: x) if n == 0 else compose(f, repeat(f, n - 1))


def run(n):
    total = 0
    for i in range(n):
        total += repeat(add(i), 10)(1)
    return total
