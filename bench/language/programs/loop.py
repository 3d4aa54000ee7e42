def run(n):
    i = total = 0
    while i != n:
        total += i * i
        i += 1
    return total
