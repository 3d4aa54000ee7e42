class Escape(Exception):
    pass


def first_negative(numbers):
    def look(x):
        if x < 0:
            raise Escape(x)

    try:
        for x in numbers:
            look(x)
    except Escape as found:
        return found.args[0]
    return False


NUMBERS = [5, 3, 8, 1, 9, 2, -7, 4, 6]


def run(n):
    total = 0
    for _ in range(n):
        total += first_negative(NUMBERS)
    return total
