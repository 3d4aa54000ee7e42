def escape(cr, ci):
    zr = zi = 0.0
    i = 0
    while True:
        r2, i2 = zr * zr, zi * zi
        if i == 64 or r2 + i2 > 4.0:
            return i
        zr, zi = r2 - i2 + cr, 2.0 * zr * zi + ci
        i += 1


def run(n):
    total = 0
    for y in range(n):
        for x in range(n):
            total += escape(3.0 * x / n - 2.0, 2.0 * y / n - 1.0)
    return total
