calls = 0


def make_account(balance):
    def move(amount):
        global calls
        nonlocal balance
        calls += 1
        balance += amount
        return balance

    return move


def run(n):
    a, b = make_account(0), make_account(100)
    i = seen = 0
    while i != n:
        a(2)
        b(-1)
        seen = a(1) + b(1)
        i += 1
    return seen
