def numbers(n):
    made = []
    x = 42
    for _ in range(n):
        made.append(x)
        x = (x * 1103515245 + 12345) % 2147483648
    made.reverse()
    return made


def merge(a, b):
    made = []
    i = j = 0
    while i < len(a) and j < len(b):
        if b[j] < a[i]:
            made.append(b[j])
            j += 1
        else:
            made.append(a[i])
            i += 1
    made += a[i:]
    made += b[j:]
    return made


def merge_sort(items):
    if len(items) < 2:
        return items
    return merge(merge_sort(items[::2]), merge_sort(items[1::2]))


def run(n):
    items = numbers(n)
    if merge_sort(items) != sorted(items):
        raise ValueError("not sorted")
    return n
